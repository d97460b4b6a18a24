import { isBulkStore, type BulkStore, type LoadOptions } from '../ontology/bulk.ts';
import type { BulkPage } from '../ontology/embedded/bulk-page.ts';
import { writtenText } from '../ontology/embedded/written-text.ts';
import { quadsOfPages } from '../ontology/formats/page-quads.ts';
import type { PageSpool } from '../ontology/formats/page-spool.ts';
import { statementsOf } from '../ontology/formats/statement-text.ts';
import { sparql, sparqlText, type Sparql } from '../ontology/sparql.ts';
import type { Conditional, OntologyStore, Precondition, WriteOptions } from '../ontology/store.ts';
import type { NamedNode, Quad } from '../ontology/terms.ts';
import type { Received } from './graph-upload.ts';
import { serialized } from './send-graph.ts';

/** The graph that a request names; undefined stands for the default graph. */
export type GraphChoice = NamedNode | undefined;

/** A graph that was emptied is still there; the default graph always is. */
export const isThere = async (store: OntologyStore, graph: GraphChoice): Promise<boolean> =>
  !graph || store.ask(sparql`ASK { GRAPH ${graph} {} }`);

/** What is to become of a graph. */
export interface GraphWrite {
  graph: GraphChoice;
  quads: Quad[];
  how: 'replace' | 'add';
  precondition: Precondition | undefined;
}

/** Only a store with versions is given a precondition; see {@link preconditionOf}. */
export const conditional = (precondition: Precondition | undefined): WriteOptions & Conditional =>
  precondition ? { precondition } : {};

/** Writes the quads, in one commit; tells whether the graph is new. */
export async function write(
  store: OntologyStore,
  { graph, quads, how, precondition }: GraphWrite,
): Promise<boolean> {
  const isNew = !(await isThere(store, graph));
  const options = conditional(precondition);
  if (!graph) await store.update(await intoDefault(quads, how), options);
  // What was sent may be nothing at all; the graph is there all the same.
  else if (quads.length === 0) await store.update(empty(graph, how), options);
  else if (how === 'replace') await store.replace(graph, quads, options);
  else await store.insert(graph, quads, options);
  return isNew;
}

const empty = (graph: NamedNode, how: 'replace' | 'add'): Sparql =>
  how === 'add'
    ? sparql`CREATE SILENT GRAPH ${graph}`
    : sparql`DROP SILENT GRAPH ${graph} ; CREATE GRAPH ${graph}`;

/** N-Triples are data as they stand, blank nodes and all. */
async function intoDefault(quads: Quad[], how: 'replace' | 'add'): Promise<Sparql> {
  const data = sparqlText(await serialized(quads, 'application/n-triples'));
  const insert = sparql`INSERT DATA { ${data} }`;
  return how === 'replace' ? sparql`DROP DEFAULT ; ${insert}` : insert;
}

/** What was received, and who is told how far its load is. */
export interface Addition extends Pick<LoadOptions, 'onProgress'> {
  received: Received;
}

/** Adds what was received to a graph, in one commit; tells whether the graph is new. */
export async function add(
  store: OntologyStore,
  { graph, received, precondition, onProgress }: Omit<GraphWrite, 'quads' | 'how'> & Addition,
): Promise<boolean> {
  const few = (quads: Quad[]) => write(store, { graph, quads, how: 'add', precondition });
  if (Array.isArray(received)) return few(received);
  try {
    if (!isMuch(store, received)) return await few(await quadsOfPages(received.pages()));
    const isNew = !(await isThere(store, graph));
    await store.load(received.pages(), { ...conditional(precondition), onProgress });
    return isNew;
  } finally {
    await received[Symbol.asyncDispose]();
  }
}

/** Adds what was received, each statement to the graph that it names, in one commit. */
export async function addDataset(
  store: OntologyStore,
  { received, onProgress }: Addition,
): Promise<void> {
  if (Array.isArray(received)) return;
  try {
    if (isMuch(store, received)) await store.load(received.pages(), { onProgress });
    else for await (const page of received.pages()) await store.update(insertData(page));
  } finally {
    await received[Symbol.asyncDispose]();
  }
}

/** A load that fails costs the engine a start; of a single page what was done is taken back. */
const isMuch = (store: OntologyStore, { length }: PageSpool): store is BulkStore =>
  length > 1 && isBulkStore(store);

function insertData(page: BulkPage): Sparql {
  const graphs = new Map<string, string>();
  for (const { subject, predicate, object, graph } of statementsOf(writtenText(page)))
    graphs.set(graph, `${graphs.get(graph) ?? ''}${subject} ${predicate} ${object} .\n`);
  const blocks = [...graphs].map(([graph, text]) =>
    graph ? `GRAPH <${graph}> {\n${text}}\n` : text,
  );
  return sparqlText(`INSERT DATA {\n${blocks.join('')}}`);
}
