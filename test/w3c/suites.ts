import { checkGraphStore, checkProtocol } from './http-tests.ts';
import { checkSyntax, evaluateQuery, evaluateUpdate, type Trial } from './language-tests.ts';
import { checkServiceDescription } from './service-description.ts';
import { checkValidation } from './shacl.ts';

/** Manifests that are counted together. */
export interface Suite {
  name: string;
  manifests: readonly string[];
  surfaces: readonly ('port' | 'http')[];
}

const in11 = (folders: string) =>
  folders.split(' ').map((folder) => `sparql/sparql11/${folder}/manifest.ttl`);

/**
 * What we claim. Left out are entailment, of which there is none, and federation, which needs hosts
 * to be listed first.
 */
export const suites: readonly Suite[] = [
  {
    name: 'SPARQL 1.1 Query',
    manifests: in11(
      'aggregates bind bindings cast construct exists functions grouping negation project-expression property-path subquery syntax-query',
    ),
    surfaces: ['port', 'http'],
  },
  {
    name: 'SPARQL 1.1 Results',
    manifests: in11('csv-tsv-res json-res'),
    surfaces: ['port', 'http'],
  },
  {
    name: 'SPARQL 1.1 Update',
    manifests: in11(
      'add basic-update clear copy delete-data delete-insert delete-where delete drop move syntax-update-1 syntax-update-2 update-silent',
    ),
    surfaces: ['port', 'http'],
  },
  { name: 'SPARQL 1.0', manifests: ['sparql/sparql10/manifest.ttl'], surfaces: ['port', 'http'] },
  { name: 'SPARQL 1.2', manifests: ['sparql/sparql12/manifest.ttl'], surfaces: ['port', 'http'] },
  { name: 'SPARQL 1.1 Protocol', manifests: in11('protocol'), surfaces: ['http'] },
  {
    name: 'Graph Store HTTP Protocol',
    manifests: in11('graph-store-protocol'),
    surfaces: ['http'],
  },
  { name: 'Service Description', manifests: in11('service-description'), surfaces: ['http'] },
  { name: 'SHACL Core', manifests: ['shacl/tests/core/manifest.ttl'], surfaces: ['port'] },
];

/** How each type of test is carried out. */
export const trials: Record<string, (trial: Trial) => Promise<void>> = {
  QueryEvaluationTest: evaluateQuery,
  CSVResultFormatTest: evaluateQuery,
  UpdateEvaluationTest: evaluateUpdate,
  PositiveSyntaxTest: checkSyntax,
  PositiveSyntaxTest11: checkSyntax,
  PositiveUpdateSyntaxTest: checkSyntax,
  PositiveUpdateSyntaxTest11: checkSyntax,
  NegativeSyntaxTest: checkSyntax,
  NegativeSyntaxTest11: checkSyntax,
  NegativeUpdateSyntaxTest: checkSyntax,
  NegativeUpdateSyntaxTest11: checkSyntax,
  ProtocolTest: checkProtocol,
  GraphStoreProtocolTest: checkGraphStore,
  ServiceDescriptionTest: checkServiceDescription,
  Validate: checkValidation,
};
