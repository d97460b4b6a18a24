import { GraphwrightError } from '../../errors.ts';
import type { Precondition } from '../store.ts';
import type { Change } from './engine.ts';
import type { Head, JournalRow } from './journal.ts';

/** Which write each graph was last changed by, told by that write's checksum, which no other history has. */
export class Versions {
  readonly #graphs = new Map<string, string>();
  #oldest = '';
  #newest = '';

  /** Begins at a head of the journal, behind which it is not known what was changed by which write. */
  start(head: Head): void {
    this.#oldest = this.#newest = versionOf(head);
  }

  /** Takes note of what was acknowledged; without the changes, any graph may have changed. */
  follow(rows: readonly JournalRow[], changes?: readonly Change[]): void {
    if (!changes) this.#graphs.clear();
    this.#newest = versionOf(rows.at(-1)!);
    if (!changes) this.#oldest = this.#newest;
    for (const { row, graphs } of changes ?? [])
      if (row) for (const name of graphs) this.#graphs.set(name, versionOf(row));
  }

  /** The version of a graph, of which the default graph's name is empty; without a name that of everything. */
  of(graph?: string): string {
    return graph === undefined ? this.#newest : (this.#graphs.get(graph) ?? this.#oldest);
  }

  /**
   * @param pending Writes that come before, and are not acknowledged yet.
   * @throws GraphwrightError `precondition_failed`
   */
  assert({ graph, version }: Precondition, pending: readonly Change[]): void {
    const last = pending.findLast(({ row, graphs }) => row && graphs.includes(graph.value));
    const present = last?.row ? versionOf(last.row) : this.of(graph.value);
    if (version && !version(present))
      throw new GraphwrightError(
        'precondition_failed',
        `${graph.value ? `The graph <${graph.value}>` : 'The default graph'} is not at a version that the write may be based on; read it again`,
      );
  }
}

const versionOf = ({ checksum }: Head): string => checksum.slice(0, 22) || 'new';
