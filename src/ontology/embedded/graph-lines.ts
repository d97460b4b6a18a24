import { defaultGraph, namedNode, type Store, type Term } from 'oxigraph';

/** How long a text of statements may be, in characters. */
export interface TextLimits {
  /** Of a graph that is written as one. V8's texts end at half a Gi, and writing one takes as much of the engine's memory. */
  whole: number;
  /** Of each part of a longer one, as near as can be told. */
  part: number;
}

const defaults: TextLimits = { whole: 256 * 2 ** 20, part: 128 * 2 ** 20 };

/** A graph of so many statements is hardly ever too long; its length is not asked for. */
const few = 1_000;

const ntriples = 'application/n-triples';

/** The lines of one graph, as Oxigraph keeps them; no name stands for the default graph. */
export function* linesOfGraph(
  store: Store,
  name: string | undefined,
  limits: TextLimits = defaults,
): Generator<string> {
  const end = name === undefined ? ' .' : ` <${name}> .`;
  for (const text of textsOf(store, name, limits)) {
    let start = 0;
    for (let stop = text.indexOf('\n'); stop >= 0; stop = text.indexOf('\n', start)) {
      yield text.slice(start, stop - 2) + end;
      start = stop + 1;
    }
  }
}

/** Whether a graph has more than so many statements; counts no further. */
export const hasMore = (store: Store, name: string | undefined, most: number): boolean =>
  ask(store, name, `SELECT ?s { ?s ?p ?o } OFFSET ${most} LIMIT 1`).length > 0;

/** A graph as N-Triples: in one text, which takes half as long, or by predicates where that would be too long. */
function* textsOf(
  store: Store,
  name: string | undefined,
  { whole, part }: TextLimits,
): Generator<string> {
  const predicates = hasMore(store, name, few) ? predicatesOf(store, name) : [];
  if (predicates.reduce((sum, { characters }) => sum + characters, 0) <= whole)
    return void (yield store.dump({ format: ntriples, from_graph_name: nodeOf(name) }));
  for (const { predicate, count, characters } of predicates) {
    const atOnce = Math.ceil(count / Math.ceil(characters / part));
    for (let offset = 0; offset < count; offset += atOnce) {
      const pattern = `{ ?s <${predicate}> ?o }`;
      const text = `CONSTRUCT ${pattern} WHERE ${pattern} OFFSET ${offset} LIMIT ${atOnce}`;
      yield String(store.query(text, { ...within(name), results_format: ntriples }));
    }
  }
}

/** How many statements each predicate has, and about how long they are together. */
function predicatesOf(store: Store, name: string | undefined) {
  const found = ask(
    store,
    name,
    `SELECT ?p (COUNT(*) AS ?n) (SUM(100 + ${lengthOf('?s')} + ${lengthOf('?p')} + ${lengthOf('?o')}) AS ?length)
      { ?s ?p ?o } GROUP BY ?p`,
  );
  return found.map((row) => ({
    predicate: row.get('p')!.value,
    count: Number(row.get('n')!.value),
    characters: Number(row.get('length')!.value),
  }));
}

const ask = (store: Store, name: string | undefined, query: string) =>
  store.query(query, within(name)) as Map<string, Term>[];

const within = (name: string | undefined) => ({ default_graph: [nodeOf(name)] });

const nodeOf = (name: string | undefined) =>
  name === undefined ? defaultGraph() : namedNode(name);

/** Blank nodes and triple terms have no text. */
const lengthOf = (variable: string) => `COALESCE(STRLEN(STR(${variable})), 100)`;
