import { GraphwrightError } from '../../errors.ts';
import type { EngineRequest } from './engine-worker.ts';
import { beginning, rowsAfter, type Head, type JournalRow } from './journal.ts';
import type { StateFile } from './state-file.ts';
import { Thread } from './thread.ts';

/** Who starts an engine, and how it learns of the moment from which the copy is up to date. */
export interface EngineOwner {
  /** The newest position that was acknowledged. */
  committed: () => number;
  /** Called in the very moment in which the copy has all that `committed` tells. */
  ready: (thread: Thread, head: Head) => void;
}

/**
 * Starts an engine thread and has it follow the journal to its end.
 * @throws GraphwrightError `store_damaged` when a row is not what was written.
 */
export async function startEngine(state: StateFile, owner: EngineOwner): Promise<void> {
  const thread = new Thread('#engine-worker');
  try {
    await catchUp(thread, state, owner);
  } catch (thrown) {
    await thread.end(GraphwrightError.from(thrown));
    throw thrown;
  }
}

async function catchUp(thread: Thread, state: StateFile, owner: EngineOwner): Promise<void> {
  let head = beginning;
  let replayed: Promise<void> | undefined;
  for (;;) {
    const reading = state.read<JournalRow & Record<string, string | number>>(
      rowsAfter(head.position),
    );
    // The next rows are read while these are replayed, but no further ahead.
    const [rows] = await Promise.all([reading, replayed]);
    const last = rows.at(-1);
    if (last) {
      head = { position: last.position, checksum: last.checksum };
      replayed = thread.call<void>({ type: 'replay', rows } satisfies EngineRequest);
    } else if (head.position >= owner.committed()) return owner.ready(thread, head);
  }
}
