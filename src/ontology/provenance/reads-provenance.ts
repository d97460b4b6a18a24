import sparqljs from 'sparqljs';
import { gw, prov, rdf } from '../terms.ts';

/**
 * Whether a query's patterns outside GRAPH can match the statements of the provenance graph. Where they
 * name predicates that do not occur there, merging that graph in or leaving it out is the same.
 */
export function canReadProvenance(text: string): boolean {
  let canRead = answers.get(text);
  if (canRead !== undefined) return canRead;
  if (answers.size >= answersAtMost) answers.clear();
  answers.set(text, (canRead = asks(text)));
  return canRead;
}

// Parsing takes longer than a small query.
const answers = new Map<string, boolean>();
const answersAtMost = 1_000;

function asks(text: string): boolean {
  try {
    const query: unknown = new sparqljs.Parser().parse(text);
    return isNode(query) && (query['queryType'] === 'DESCRIBE' || reaches(query));
  } catch {
    // Not silent: the engine, which also knows SPARQL 1.2, says what is wrong, if anything is.
    return true;
  }
}

type Node = Record<string, unknown>;

const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null;

function reaches(node: Node): boolean {
  if (node['type'] === 'graph') return false;
  if (node['type'] === 'bgp') return (node['triples'] as Triple[]).some(matches);
  return Object.entries(node).some(
    ([key, part]) => key !== 'template' && isNode(part) && reaches(part),
  );
}

/** A triple pattern or, in the place of its predicate, a property path. */
interface Triple {
  predicate: Path;
  object: { termType?: string; value?: string };
}

type Path =
  | { termType: string; value: string }
  | { type: 'path'; pathType: string; items: Path[]; termType?: undefined };

function matches({ predicate, object }: Triple): boolean {
  if (predicate.termType === 'NamedNode' && predicate.value === type)
    return object.termType !== 'NamedNode' || classes.has(object.value!);
  return leads(predicate);
}

/** A path of no steps leads from every node to itself, and a negated one along every other predicate. */
function leads(path: Path): boolean {
  if (path.termType !== undefined)
    return path.termType !== 'NamedNode' || path.value === type || predicates.has(path.value);
  return '*?!'.includes(path.pathType) || path.items.some(leads);
}

const type = rdf('type').value;

const classes = new Set([
  ...['Run', 'Operation', 'Commit', 'Insertion', 'Removal'].map((name) => gw(name).value),
  ...['Activity', 'Agent', 'Entity'].map((name) => prov(name).value),
]);

const predicates = new Set([
  rdf('reifies').value,
  ...[
    'workflow operation parametersDigest parameters surface agentName',
    'position inCommit inGraph statements',
  ]
    .join(' ')
    .split(' ')
    .map((name) => gw(name).value),
  ...[
    'startedAtTime',
    'endedAtTime',
    'wasAssociatedWith',
    'generatedAtTime',
    'wasGeneratedBy',
    'wasInvalidatedBy',
  ].map((name) => prov(name).value),
]);
