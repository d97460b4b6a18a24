import { z } from 'zod';
import { GraphwrightError } from '../../errors.ts';
import { readableStore } from '../../ontology/rights/current-rights.ts';
import type { OntologyStore, QueryOptions } from '../../ontology/store.ts';
import { factory, graphName, type NamedNode, type Quad } from '../../ontology/terms.ts';
import { turtleOf } from '../expose/mcp/turtle-of.ts';
import { namedThing } from '../expose/named-thing.ts';
import { Workflow, type Run } from '../workflow.ts';
import { patience, type GraphToolConfiguration } from './graph-tool.ts';
import { shortText } from './short-text.ts';

const Parameters = z.object({
  iri: z
    .string()
    .min(1)
    .max(2_000)
    .describe(
      'The IRI of the thing, such as urn:graphwright:customer:c-001; search_individuals finds it',
    ),
  depth: z
    .number()
    .int()
    .min(1)
    .max(5)
    .default(1)
    .describe('1 for what is said of the thing itself, 2 for what it points to as well, and so on'),
  limit: z.number().int().min(1).max(2_000).default(300).describe('How many statements at most'),
});

const Result = z.object({
  iri: z.string(),
  depth: z.number().int().describe('How deep this is: less than wanted where that held too much'),
  statements: z.number().int(),
  turtle: z.string().describe('The statements; long texts are cut'),
});

/** Tells what the graph says of one thing, and of what it points to. */
export class GetSubjectGraph extends Workflow<GraphToolConfiguration> {
  readonly name = 'get_subject_graph';
  readonly description =
    'Get what the knowledge graph says of one thing, by its IRI, and with more depth of what it points to, as Turtle.';
  readonly parameters = Parameters;
  readonly result = Result;
  override readonly hints = { readOnly: true, idempotent: true };

  async run(
    { iri: given, depth, limit }: z.output<typeof Parameters>,
    { signal }: Run,
  ): Promise<z.input<typeof Result>> {
    const store = readableStore(this.configuration.store);
    const options = { signal, timeout: this.configuration.timeout ?? patience };
    const subject = namedThing(given.replace(/^<(.*)>$/s, '$1'));
    const asked = { depth, limit, options };
    const { quads: all, depth: reached } = await deepest(store, subject, asked);
    const quads = all.filter((quad) => quad.subject.equals(subject) || !isOfOntology(quad));
    if (quads.length === 0) throw unknown(subject);
    return {
      iri: subject.value,
      depth: reached,
      statements: quads.length,
      turtle: await turtleOf(quads.map(shortened)),
    };
  }
}

/** As deep as was asked, or as the limit lets: what is nearest tells the most. */
async function deepest(
  store: OntologyStore,
  subject: NamedNode,
  { depth, limit, options }: { depth: number; limit: number; options: QueryOptions },
): Promise<{ quads: Quad[]; depth: number }> {
  try {
    return { quads: await store.subject(subject, { ...options, depth, limit }), depth };
  } catch (thrown) {
    if (depth === 1 || GraphwrightError.from(thrown).code !== 'too_large') throw thrown;
    return deepest(store, subject, { depth: depth - 1, limit, options });
  }
}

/** A thing's class leads to its definition, which describe_ontology tells in fewer words. */
const isOfOntology = ({ graph }: Quad) => graph.value.startsWith(graphName('ontology/').value);

const longest = 500;

function shortened(quad: Quad): Quad {
  const { subject, predicate, object } = quad;
  if (object.termType !== 'Literal' || object.value.length <= longest) return quad;
  return factory.quad(subject, predicate, factory.literal(shortText(object.value, longest)));
}

function unknown({ value }: NamedNode): GraphwrightError {
  const detail = `The graph says nothing of <${value}>; search_individuals finds things by their names`;
  return new GraphwrightError('not_found', detail, { problems: [{ pointer: '/iri', detail }] });
}
