import type { Store } from 'oxigraph';
import type { ClearDropOperation } from 'sparqljs';
import { GraphwrightError } from '../../errors.ts';
import { linesOfGraph } from './graph-lines.ts';
import type { Changes } from './changes.ts';

/** CREATE. */
export function create(changes: Changes, name: string, silent: boolean): void {
  changes.touch(name);
  if (changes.hasGraph(name) && !silent)
    throw new GraphwrightError('conflict', `The graph <${name}> is there already`);
  changes.create(name);
}

/** CLEAR and DROP; Oxigraph keeps the name of a graph that is merely cleared. */
export function clear(
  store: Store,
  changes: Changes,
  { type, silent, graph }: ClearDropOperation,
): void {
  const { name, all, named, default: onlyDefault } = graph;
  if (name) changes.touch(name.value);
  if (onlyDefault) changes.touch('');
  if (all || named) changes.touchAll();
  if (name && !silent) mustExist(changes, name.value);
  if (all || onlyDefault) changes.empty(undefined);
  const every = () => graphsOf(store).filter((each) => each !== changes.kept);
  for (const target of name ? [name.value] : all || named ? every() : []) {
    changes.empty(target);
    if (type === 'drop') changes.drop(target);
  }
}

/** COPY, MOVE and ADD; no name stands for the default graph. */
export interface Copy {
  type: 'copy' | 'move' | 'add';
  silent: boolean;
  source?: string;
  destination?: string;
}

export function copy(
  store: Store,
  changes: Changes,
  { type, silent, source, destination }: Copy,
): void {
  changes.touch(destination ?? '');
  if (type === 'move') changes.touch(source ?? '');
  // What cannot be read is as if it were not there; the default graph always is, then without statements.
  if (source !== undefined && !(changes.hasGraph(source) && changes.mayRead(source))) {
    if (!silent) throw missing(source);
    return;
  }
  if (source === destination) return;
  const end = source === undefined ? / \.$/ : / <[^<>\s]*> \.$/;
  const newEnd = destination === undefined ? ' .' : ` <${destination}> .`;
  const held = changes.mayRead(source ?? '') ? linesOfGraph(store, source) : [];
  const lines = [...held].map((line) => changes.written(line).replace(end, () => newEnd));
  if (type !== 'add') changes.empty(destination);
  if (destination !== undefined) changes.create(destination);
  changes.insertLines(lines, destination);
  if (type !== 'move') return;
  changes.empty(source);
  if (source !== undefined) changes.drop(source);
}

function mustExist(changes: Changes, name: string): void {
  if (!changes.hasGraph(name)) throw missing(name);
}

const missing = (name: string) => new GraphwrightError('not_found', `There is no graph <${name}>`);

function graphsOf(store: Store): string[] {
  const rows = store.query('SELECT ?graph { GRAPH ?graph {} }') as Map<string, { value: string }>[];
  return rows.map((row) => row.get('graph')!.value);
}
