import type { AnyWorkflow } from '../workflow.ts';
import { DescribeOntology } from './describe-ontology.ts';
import { GetSubjectGraph } from './get-subject-graph.ts';
import type { GraphToolConfiguration } from './graph-tool.ts';
import { QueryGraph } from './query-graph.ts';
import { SearchIndividuals } from './search-individuals.ts';

/**
 * The workflows by which an assistant finds its way in any graph: describe_ontology, search_individuals,
 * get_subject_graph and query_graph. They only read, and no more than their caller may.
 * @example
 * const tools = asTools(graphTools({ store }));
 */
export const graphTools = (configuration: GraphToolConfiguration): AnyWorkflow[] => [
  new DescribeOntology(configuration),
  new SearchIndividuals(configuration),
  new GetSubjectGraph(configuration),
  new QueryGraph(configuration),
];
