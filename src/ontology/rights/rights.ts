import { GraphwrightError } from '../../errors.ts';
import type { ObservableStore, OntologyStore } from '../store.ts';

/**
 * The graphs that a caller may read and write: their names, the beginnings of names followed by `*`,
 * `default` for the default graph, `*` for all there are. Who may write a graph may read it too.
 */
export interface Rights {
  read: readonly string[];
  write: readonly string[];
}

/** On whose behalf an operation is; everything is allowed by default. */
export interface Limited {
  rights?: Rights;
}

const all = '*';

/** Whether one may write a graph, of which the default graph's name is empty. */
export const mayWrite = (rights: Rights, graph: string): boolean => covers(rights.write, graph);

/** Whether one may read a graph, of which the default graph's name is empty. */
export const mayRead = (rights: Rights, graph: string): boolean =>
  covers(rights.read, graph) || covers(rights.write, graph);

/** Whether one may write every graph, those to come as well. */
export const mayWriteAll = ({ write }: Rights): boolean => write.includes(all);

/** Whether one may read every graph, those to come as well. */
export const mayReadAll = ({ read, write }: Rights): boolean => [...read, ...write].includes(all);

/** @throws GraphwrightError `forbidden` naming the graph, of which the default graph's name is empty. */
export function assertMayWrite(rights: Rights, graph: string): void {
  if (!mayWrite(rights, graph))
    throw new GraphwrightError(
      'forbidden',
      `${graph ? `The graph <${graph}>` : 'The default graph'} is not among those that this caller may write`,
    );
}

/** @throws GraphwrightError `forbidden` naming the first graph of a page of statements that may not be written. */
export function assertMayLoad(
  rights: Rights,
  { graphs, inDefaultGraph }: { graphs: readonly string[]; inDefaultGraph: boolean },
): void {
  for (const graph of graphs) assertMayWrite(rights, graph);
  if (inDefaultGraph) assertMayWrite(rights, '');
}

function covers(patterns: readonly string[], graph: string): boolean {
  return patterns.some((pattern) => {
    if (pattern === all) return true;
    if (graph === '') return pattern === 'default';
    return pattern.endsWith('*') ? graph.startsWith(pattern.slice(0, -1)) : graph === pattern;
  });
}

/** A store that can be handed to callers who may not see all of it. */
export interface RestrictableStore extends OntologyStore {
  /**
   * The store as a caller with these rights sees it. Graphs that cannot be read are not there: no query,
   * description, export, change or version tells of them. A write that touches a graph which cannot be
   * written is refused whole with `forbidden`, also where it would change nothing.
   */
  restrictedTo(rights: Rights): ObservableStore;
}

/** Whether a store can be restricted; one on another server has its own rights. */
export const isRestrictable = (store: OntologyStore): store is RestrictableStore =>
  'restrictedTo' in store;
