import sparqljs from 'sparqljs';
import type {
  GraphOrDefault,
  InsertDeleteOperation,
  IriTerm,
  LoadOperation as SparqlLoad,
  UpdateOperation,
} from 'sparqljs';
import { defaultGraph, namedNode, type Store } from 'oxigraph';
import { GraphwrightError } from '../../errors.ts';
import type { Changes } from './changes.ts';
import { withPlace } from '../parse-place.ts';
import type { Row } from '../store.ts';
import { clear, copy, create } from './graph-management.ts';
import type { LoadedDocuments, LoadOperation } from './load-documents.ts';
import { invalidQuery, trapped } from './oxigraph-errors.ts';
import { readable } from './readable.ts';
import { rows } from './results.ts';
import { dataLines, fill, variablesOf, type LinesByGraph, type Template } from './templates.ts';

/**
 * Carries out a SPARQL 1.1 Update request as the specification has it: for each operation its WHERE
 * runs once, then come all deletions, then all insertions. Oxigraph's own update() mixes them.
 * @throws GraphwrightError `invalid_query`, `forbidden` for LOAD and SERVICE, `not_found` or
 * `conflict` for a graph that is missing or there already. The caller takes the changes back.
 */
export function runUpdate(
  store: Store,
  changes: Changes,
  { text, dataset, base, documents }: UpdateRequest,
): void {
  for (const operation of parseUpdate(text, base))
    try {
      if ('updateType' in operation) modify(store, changes, operation, dataset);
      else if (operation.type === 'load') load(changes, operation, documents);
      else manage(store, changes, operation);
    } catch (thrown) {
      // Oxigraph refuses terms that the parser let through, such as IRIs of unassigned characters.
      throw trapped(thrown) ? thrown : invalidQuery(thrown);
    }
}

/** A SPARQL 1.1 Update request. */
export interface UpdateRequest {
  text: string;
  dataset?: GraphNames;
  base?: string;
  /** What its LOAD operations ask for, fetched before. */
  documents?: LoadedDocuments;
}

/** What the LOAD operations of an update ask for. @throws GraphwrightError `invalid_query` */
export const loadsIn = (text: string, base?: string): LoadOperation[] =>
  parseUpdate(text, base).flatMap((operation) =>
    'type' in operation && operation.type === 'load' ? [{ source: operation.source.value }] : [],
  );

function load(
  changes: Changes,
  { silent, source, destination }: SparqlLoad,
  documents: LoadedDocuments | undefined,
): void {
  changes.touch(destination ? destination.value : '');
  const found = documents?.[source.value];
  if (!found)
    throw new GraphwrightError(
      'forbidden',
      'LOAD is not offered: the store opens no connection. List the host in store.loadFrom, or fetch the file and insert its quads',
    );
  if ('error' in found) {
    if (silent) return;
    throw GraphwrightError.fromJSON(found.error);
  }
  if (found.statements === '') return;
  const graph = destination ? destination.value : undefined;
  const end = graph === undefined ? ' .' : ` <${graph}> .`;
  const lines = found.statements.split('\n').slice(0, -1);
  changes.insertLines(
    lines.map((line) => line.slice(0, -2) + end),
    graph,
  );
}

function parseUpdate(text: string, base?: string): UpdateOperation[] {
  const request = parsed(text, base);
  if (request.type === 'query' && request.queryType)
    throw new GraphwrightError(
      'invalid_query',
      `A ${request.queryType} query changes nothing; this takes updates`,
    );
  // An empty request is a valid update; the parser gives it no operations at all.
  return request.type === 'update' ? request.updates : [];
}

function parsed(text: string, base?: string) {
  try {
    return new sparqljs.Parser({ baseIRI: base }).parse(text);
  } catch (thrown) {
    throw invalidQuery(withPlace(thrown, text));
  }
}

function modify(
  store: Store,
  changes: Changes,
  operation: InsertDeleteOperation,
  dataset: GraphNames | undefined,
): void {
  switch (operation.updateType) {
    case 'insert':
      return insert(changes, dataLines(operation.insert));
    case 'delete':
      return remove(changes, dataLines(operation.delete));
    case 'deletewhere':
      return substitute(store, changes, {
        template: { delete: operation.delete, insert: [] },
        dataset,
        where: operation.delete.map((part) =>
          part.type === 'bgp'
            ? part
            : {
                type: 'graph',
                name: part.name,
                patterns: [{ type: 'bgp', triples: part.triples }],
              },
        ),
      });
    case 'insertdelete':
      return substitute(store, changes, {
        template: {
          delete: operation.delete ?? [],
          insert: operation.insert ?? [],
          graph: operation.graph,
        },
        where: operation.where,
        dataset: datasetOf(operation, dataset),
      });
  }
}

const values = (terms: readonly IriTerm[]) => terms.map(({ value }) => value);

/** USING and USING NAMED, or the request's own dataset, which may not meet either (SPARQL 1.1 Protocol, 2.2.3). */
function datasetOf(
  { using, graph }: Extract<InsertDeleteOperation, { updateType: 'insertdelete' }>,
  dataset: GraphNames | undefined,
): GraphNames | undefined {
  if (dataset && (using || graph))
    throw new GraphwrightError(
      'invalid_query',
      'The update says USING or WITH itself, so the request cannot name the graphs as well',
    );
  return using ? { default: values(using.default), named: values(using.named) } : dataset;
}

interface Substitution {
  template: Template;
  where: sparqljs.Pattern[];
  dataset?: GraphNames;
}

function substitute(store: Store, changes: Changes, substitution: Substitution): void {
  const { template } = substitution;
  const solutions = solve(store, changes, substitution);
  // Both are made before anything changes: the insertions must not see the deletions.
  const removed = fill(template.delete, template.graph, solutions);
  const inserted = fill(template.insert, template.graph, solutions);
  remove(changes, removed);
  insert(changes, inserted);
}

function insert(changes: Changes, graphs: LinesByGraph): void {
  for (const [graph, lines] of graphs) changes.insertLines(lines, graph);
}

function remove(changes: Changes, graphs: LinesByGraph): void {
  for (const lines of graphs.values()) changes.removeLines(lines);
}

function solve(store: Store, changes: Changes, substitution: Substitution): Row[] {
  const { template, where } = substitution;
  const names = variablesOf([...template.delete, ...template.insert]);
  const query = select(names, where);
  try {
    const options = {
      ...readOptions(changes, substitution),
      results_format: 'application/sparql-results+json',
    };
    return rows(String(store.query(query, options)));
  } catch (thrown) {
    if (trapped(thrown)) throw thrown;
    throw invalidQuery(thrown);
  }
}

/** What the WHERE reads, of which a caller with rights reaches no more than may be read. */
function readOptions({ rights, present }: Changes, { template, dataset }: Substitution) {
  const { graph } = template;
  if (rights)
    return datasetOptions(
      readable(dataset ?? { default: [graph?.value ?? ''], named: [...present] }, rights),
    );
  return dataset ? datasetOptions(dataset) : graph && { default_graph: iri(graph) };
}

/** The WHERE as a query; one that needs no variable still tells how many solutions there are. */
function select(names: readonly string[], where: sparqljs.Pattern[]): string {
  const text = new sparqljs.Generator().stringify({
    type: 'query',
    queryType: 'SELECT',
    prefixes: {},
    variables: [new sparqljs.Wildcard()],
    where,
  });
  const projection = names.length > 0 ? names.map((name) => `?${name}`).join(' ') : '(1 AS ?one)';
  return text.replace(/^SELECT \*/, `SELECT ${projection}`);
}

function manage(
  store: Store,
  changes: Changes,
  operation: Exclude<UpdateOperation, InsertDeleteOperation | SparqlLoad>,
): void {
  switch (operation.type) {
    case 'create':
      return create(changes, nameOf(operation.graph)!, operation.silent);
    case 'clear':
    case 'drop':
      return clear(store, changes, operation);
    default:
      return copy(store, changes, {
        ...operation,
        source: nameOf(operation.source),
        destination: nameOf(operation.destination),
      });
  }
}

const nameOf = (graph: GraphOrDefault): string | undefined => graph.name?.value;

const iri = ({ value }: { value: string }) => namedNode(value);

/** The graphs of a dataset by their IRIs; the default graph's name is empty. */
export interface GraphNames {
  default: readonly string[];
  named: readonly string[];
}

/** A dataset as Oxigraph takes it; only the graphs named are reached, whatever the text says. */
export const datasetOptions = ({ default: merged, named }: GraphNames) => ({
  default_graph: merged.map((name) => (name ? namedNode(name) : defaultGraph())),
  named_graphs: named.map((name) => namedNode(name)),
});
