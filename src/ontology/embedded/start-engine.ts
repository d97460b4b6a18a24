import { GraphwrightError } from '../../errors.ts';
import type { Shapes } from '../shapes/shape.ts';
import type { EngineRequest } from './engine-worker.ts';
import { beginning, rowsAfter, type Head, type JournalRow } from './journal.ts';
import { handOn, readAhead } from './read-ahead.ts';
import {
  journalStart,
  newestSnapshot,
  readPage,
  type Snapshot,
  type SnapshotPage,
} from './snapshot-rows.ts';
import type { StateFile } from './state-file.ts';
import { Thread } from './thread.ts';

/** Who starts an engine, and how it learns of the moment from which the copy is up to date. */
export interface EngineOwner {
  /** The newest position that was acknowledged. */
  committed: () => number;
  /** Called in the very moment in which the copy has all that `committed` tells. */
  ready: (thread: Thread, head: Head) => void;
}

/** What an engine is started from. */
export interface EngineSource {
  state: StateFile;
  /** What every write is checked against. */
  shapes?: Shapes;
  /** Told of a damaged snapshot, in whose stead the journal was read. */
  onWarning: (warning: GraphwrightError) => void;
}

/**
 * Starts an engine thread from the newest snapshot and has it follow the journal to its end.
 * @throws GraphwrightError `store_damaged` when a row is not what was written.
 */
export async function startEngine(source: EngineSource, owner: EngineOwner): Promise<void> {
  const { state, onWarning } = source;
  const attempt: Attempt = { state, owner };
  try {
    return await withThread((thread) => fromSnapshot(thread, attempt));
  } catch (thrown) {
    const reason = GraphwrightError.from(thrown);
    if (reason.code !== 'store_damaged') throw reason;
    // A newer snapshot takes the older one's pages away, also from under an engine that reads them.
    if (await superseded(attempt)) return startEngine(source, owner);
    const start = await journalStart(state);
    // Without the rows that the snapshot stood for there is nothing left to start from.
    if (attempt.restored || start.position > 0) throw reason;
    onWarning(reason);
  }
  await withThread((thread) => catchUp(thread, attempt, beginning));
}

/** One try at starting an engine, and how far it came. */
interface Attempt {
  state: StateFile;
  owner: EngineOwner;
  snapshot?: Snapshot;
  /** Whether the snapshot was sound, or there is none: what is damaged then is the journal. */
  restored?: boolean;
}

async function superseded({ state, snapshot }: Attempt): Promise<boolean> {
  const sql = 'SELECT max(position) AS position FROM snapshot';
  const [row] = await state.read<{ position: number | null }>({ sql });
  return snapshot !== undefined && (row?.position ?? 0) > snapshot.head.position;
}

/**
 * Has an engine that fell behind follow the journal to its end.
 * @param position How far it goes.
 */
export const followJournal = (
  thread: Thread,
  position: number,
  { state }: EngineSource,
  owner: EngineOwner,
): Promise<void> => catchUp(thread, { state, owner }, { position, checksum: '' });

async function withThread(action: (thread: Thread) => Promise<void>): Promise<void> {
  const thread = new Thread('#engine-worker');
  try {
    await action(thread);
  } catch (thrown) {
    await thread.end(GraphwrightError.from(thrown));
    throw thrown;
  }
}

async function fromSnapshot(thread: Thread, attempt: Attempt): Promise<void> {
  const snapshot = await newestSnapshot(attempt.state);
  attempt.snapshot = snapshot;
  if (snapshot) await restore(thread, attempt.state, snapshot);
  attempt.restored = true;
  await catchUp(thread, attempt, snapshot?.head ?? beginning);
}

async function restore(thread: Thread, state: StateFile, snapshot: Snapshot): Promise<void> {
  const load = (page: SnapshotPage) => {
    const request: EngineRequest = { type: 'restore', page, head: snapshot.head };
    return thread.call<void>(request, [page.statements.buffer as ArrayBuffer]);
  };
  // While one page is loaded the next lies there already and another is read, but no further ahead.
  const pages = readAhead(pagesOf(state, snapshot), 1);
  for await (const _ of handOn(pages, 2, load));
}

async function* pagesOf(state: StateFile, snapshot: Snapshot): AsyncGenerator<SnapshotPage> {
  for (let number = 0; number < snapshot.pages; number += 1)
    yield await readPage(state, snapshot, number);
}

async function catchUp(thread: Thread, { state, owner }: Attempt, from: Head): Promise<void> {
  let head = from;
  // Answered once the thread has loaded its code: until then it is not up to anything.
  let replayed = thread.call<void>({ type: 'follow', rows: [] } satisfies EngineRequest);
  replayed.catch(() => undefined);
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
      replayed.catch(() => undefined);
    } else if (head.position >= owner.committed()) return owner.ready(thread, head);
  }
}
