/** Tests that fail on every surface, and why. One that passes fails the run, so that the list shrinks. */
interface ExpectedFailures {
  reason: string;
  /** The folder of the tests, and their names. */
  folder: string;
  tests: string;
}

const rewritten =
  'Oxigraph keeps numbers, dates and their derived datatypes in canonical form, so that "01" and "1" are one term';
const scope =
  'Oxigraph binds the variable of GRAPH inside the block instead of joining it afterwards';
const functions =
  'Oxigraph refuses functions that it does not have, where an error at each call is specified';
const updates12 =
  'Of updates, only those that merely state data may hold triple terms: sparqljs knows none';
const lenient = 'Oxigraph takes what the grammar forbids';

const expectedFailures: readonly ExpectedFailures[] = [
  {
    reason:
      'Oxigraph joins language tagged strings into one with the tag, as a draft of SPARQL 1.2 has it',
    folder: 'sparql11/aggregates',
    tests: 'agg-groupconcat-04 agg-groupconcat-06',
  },
  { reason: scope, folder: 'sparql11/aggregates', tests: 'agg-empty-group-count-graph' },
  { reason: scope, folder: 'sparql11/bindings', tests: 'graph' },
  { reason: scope, folder: 'sparql11/negation', tests: 'graph-minus' },
  { reason: scope, folder: 'sparql10/graph', tests: 'graph-variable-scope graph-optional' },
  {
    reason: 'Oxigraph makes one blank node for all rows in which BNODE has the same argument',
    folder: 'sparql11/functions',
    tests: 'bnode01',
  },
  {
    reason: 'Oxigraph does not match a path of no step with a term that is not in the data',
    folder: 'sparql11/property-path',
    tests: 'zero_or_more_set_start zero_or_more_set_end zero_or_one_set_start zero_or_one_set_end',
  },
  { reason: functions, folder: 'sparql11/syntax-query', tests: 'test_4' },
  {
    reason: functions,
    folder: 'sparql10/syntax-sparql1',
    tests: 'syntax-expr-05 syntax-order-05 syntax-order-06',
  },
  {
    reason: functions,
    folder: 'sparql10/syntax-sparql2',
    tests: 'syntax-function-01 syntax-function-02 syntax-function-03 syntax-function-04',
  },
  { reason: rewritten, folder: 'sparql11/csv-tsv-res', tests: 'csv03 tsv03' },
  { reason: rewritten, folder: 'sparql10/open-world', tests: 'open-eq-01' },
  {
    reason: rewritten,
    folder: 'sparql10/expr-builtin',
    tests: 'dawg-str-1 dawg-str-2 sameTerm-simple sameTerm-eq sameTerm-not-eq',
  },
  { reason: rewritten, folder: 'sparql10/expr-equals', tests: 'eq-graph-1 eq-graph-2' },
  { reason: rewritten, folder: 'sparql10/distinct', tests: 'distinct-1 distinct-9' },
  { reason: rewritten, folder: 'sparql12/grouping', tests: 'group01' },
  {
    reason: 'Oxigraph compares a date that has a time zone with one that has none',
    folder: 'sparql10/open-world',
    tests: 'date-2',
  },
  {
    reason: 'Oxigraph gives a filter in a group of its own the variables around the group',
    folder: 'sparql10/optional-filter',
    tests: 'dawg-optional-filter-005-not-simplified',
  },
  {
    reason: 'Oxigraph knows true and false in lower case only',
    folder: 'sparql10/expr-builtin',
    tests: 'case-insensitive-booleans',
  },
  { reason: lenient, folder: 'sparql10/syntax-sparql3', tests: 'syn-bad-26' },
  {
    reason: lenient,
    folder: 'sparql12/syntax-triple-terms-negative',
    tests: 'tripleterm-subject-03 tripleterm-subject-06',
  },
  {
    reason: updates12,
    folder: 'sparql12/syntax-triple-terms-positive',
    tests:
      'update-anonreifier-03 update-anonreifier-04 update-anonreifier-05 update-anonreifier-06 update-reifier-03 update-reifier-04 update-reifier-05 update-reifier-06 update-reifier-07 update-reifier-08 update-tripleterm-03 update-tripleterm-04 update-tripleterm-05',
  },
  { reason: updates12, folder: 'sparql12/eval-triple-terms', tests: 'update-1 update-2 update-3' },
  { reason: lenient, folder: 'sparql12/syntax', tests: 'nested-aggregate-functions' },
  {
    reason: 'Oxigraph refuses an expression over a variable that the same SELECT binds',
    folder: 'sparql12/grouping',
    tests: 'select-variable-reuse',
  },
];

/** Why each test is expected to fail, by its id. */
export const reasonsToFail: ReadonlyMap<string, string> = new Map(
  expectedFailures.flatMap(({ reason, folder, tests }) =>
    tests.split(' ').map((test) => [`${folder}#${test}`, reason] as const),
  ),
);
