import { createHash } from 'node:crypto';
import type { StateFile, Statement } from '../../ontology/embedded/state-file.ts';
import type { Commit } from '../../ontology/store.ts';
import {
  withUnitOfWork,
  type StagedWrite,
  type StagingStore,
  type UnitOfWork,
} from '../../ontology/unit-of-work.ts';

/** Whose writes they are. */
export interface StepWritesOf {
  state: StateFile;
  /** The number of the run. */
  run: number;
  step: string;
  /** What was committed of this step before it was interrupted. */
  before: Map<number, WrittenBefore>;
}

/** A write that was committed before its step ended. */
export interface WrittenBefore {
  digest: string;
  commit: Commit;
}

/** Characters of statements from which on a write is not held back. */
const large = 2 ** 20;

/**
 * What a step writes to the graph that shares its state file, until the step ends.
 *
 * What it wrote before it read, or what is large, is committed earlier, together with a row that says so:
 * when the step is done again, the same write in the same place is not made again.
 */
export class StepWrites implements UnitOfWork {
  readonly state: StateFile;
  readonly #of: StepWritesOf;
  #store?: StagingStore;
  #staged: { write: StagedWrite; index: number }[] = [];
  #index = 0;
  #attempt = 0;
  #turn?: Promise<unknown>;
  closed = false;

  constructor(of: StepWritesOf) {
    this.state = of.state;
    this.#of = of;
  }

  /** Whether something waits to be committed along with the end of the step. */
  get pending(): boolean {
    return this.#staged.length > 0 || this.#of.before.size > 0;
  }

  run<T>(action: () => T): T {
    return withUnitOfWork(this, action);
  }

  stage(store: StagingStore, write: StagedWrite): Promise<Commit> {
    this.#store = store;
    const index = this.#index++;
    const attempt = this.#attempt;
    return this.#next(async () => {
      const before = this.#of.before.get(index);
      if (before && before.digest === digest(write)) return before.commit;
      const commit = await store.preview([...this.#staged.map((staged) => staged.write), write]);
      // The attempt that wanted it has failed meanwhile.
      if (attempt !== this.#attempt || this.closed) return commit;
      this.#staged.push({ write, index });
      if (size(write) > large) await this.#flush();
      return commit;
    });
  }

  flush(): Promise<void> {
    return this.#next(() => this.#flush());
  }

  /** Lets go of what a failed attempt wrote. */
  drop(): void {
    this.#staged = [];
    this.#index = 0;
    this.#attempt += 1;
  }

  /** Takes no more; resolves when nothing is being staged any more. Undefined when nothing ever was. */
  end(): Promise<unknown> | undefined {
    this.closed = true;
    return this.#turn;
  }

  /** Commits what was staged along with the rows that record the step. */
  async commit(rows: readonly Statement[]): Promise<void> {
    const writes = this.#staged.map(({ write }) => write);
    const { run, step, before } = this.#of;
    const sql = 'DELETE FROM run_writes WHERE run = ? AND step = ?';
    const forget = before.size > 0 ? [{ sql, values: [run, step] }] : [];
    if (writes.length > 0) await this.#store!.commit(writes, [...rows, ...forget]);
    else await this.state.commit([...rows, ...forget], { brief: true });
  }

  async #flush(): Promise<void> {
    const staged = this.#staged;
    if (staged.length === 0) return;
    this.#staged = [];
    const { run, step, before } = this.#of;
    const counts = { position: 0, inserted: 0, removed: 0, approximate: true } as const;
    const written = staged.map(({ write, index }) => ({ index, digest: digest(write) }));
    const statements = written.map((each) => ({
      sql: 'INSERT OR REPLACE INTO run_writes (run, step, place, digest) VALUES (?, ?, ?, ?)',
      values: [run, step, each.index, each.digest],
    }));
    const writes = staged.map(({ write }) => write);
    const { position } = await this.#store!.commit(writes, statements);
    for (const each of written)
      before.set(each.index, { digest: each.digest, commit: { ...counts, position } });
  }

  #next<T>(action: () => Promise<T>): Promise<T> {
    const next = (this.#turn ?? Promise.resolve()).then(action);
    this.#turn = next.catch(() => undefined);
    return next;
  }
}

const digest = ({ request }: StagedWrite): string =>
  createHash('sha256').update(JSON.stringify(request)).digest('base64');

const size = ({ request }: StagedWrite): number =>
  'pieces' in request ? request.pieces.reduce((sum, { length }) => sum + length, 0) : 0;
