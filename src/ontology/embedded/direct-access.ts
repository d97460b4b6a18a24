import { setImmediate as nextTurn } from 'node:timers/promises';
import { GraphwrightError } from '../../errors.ts';
import { collectGarbage } from './collect-garbage.ts';
import type { CommitLedger } from './commit-ledger.ts';
import type { StateDatabase } from './state-database.ts';
import type { Statement } from './state-file.ts';
import { isBrief } from './statement-size.ts';

/** Milliseconds that a commit may take on average and still be made here; the way to a thread and back adds 0.1 to 0.2. */
const quick = 1;
/** Milliseconds at most of one commit that go into the average, so that a pause of the disk is forgotten soon. */
const slowest = 10;
/** How much the newest commit counts. */
const weight = 1 / 8;
/** Commits that are watched before the first one is made here. */
const watched = 8;
/** Milliseconds that the mark of what was committed may fall behind; it is not synced, so it does by much more in a power cut. */
const beforeMark = 5;

/** What {@link DirectAccess} works with. */
export interface DirectConfiguration {
  path: string;
  ledger: CommitLedger;
  /** Has the log brought into the file. */
  checkpoint: () => void;
}

/**
 * Brief commits and reads in the calling thread, on a disk so quick that they end sooner than another thread is
 * woken for them and this one again: at most one of each in a turn of the event loop, and none while commits
 * take long.
 */
export class DirectAccess {
  readonly #configuration: DirectConfiguration;
  #average?: number;
  #seen = 0;
  #database?: StateDatabase;
  #opening?: Promise<void>;
  /** What was done in this turn of the event loop. */
  readonly #done = new Set<'commit' | 'read'>();
  #marking?: NodeJS.Timeout;
  #closed = false;

  constructor(configuration: DirectConfiguration) {
    this.#configuration = configuration;
  }

  /** Learns how many milliseconds a commit took. */
  observe(took: number): void {
    const sample = Math.min(took, slowest);
    this.#average ??= sample;
    this.#average += (sample - this.#average) * weight;
    this.#seen += 1;
    if (this.#seen >= watched && this.#average < quick && !this.#closed)
      this.#opening ??= this.#open();
  }

  /** Whether a commit belongs here, be it in this turn of the event loop or in a later one. */
  takes(statements: readonly Statement[]): boolean {
    return this.quick && isBrief(statements);
  }

  /** Whether no commit has been made in this turn of the event loop. */
  get free(): boolean {
    return !this.#done.has('commit');
  }

  /**
   * Makes a commit, if it belongs here and now.
   * @returns Whether it was made; if not, nothing of it was, and somebody else has to make it.
   * @throws GraphwrightError as the state file's thread rejects.
   */
  commit(statements: readonly Statement[]): boolean {
    const database = isBrief(statements) ? this.#take('commit') : undefined;
    if (!database) return false;
    let failure: GraphwrightError | undefined;
    database.commit([
      {
        statements,
        resolve: (took) => this.observe(took),
        reject: (thrown) => {
          failure = GraphwrightError.from(thrown);
        },
      },
    ]);
    // Another process looks at the file; the thread waits until it is done.
    if (failure?.code === 'data_in_use') return false;
    if (failure) throw failure;
    this.#marking ??= setTimeout(() => this.#mark(), beforeMark).unref();
    database.tidy(this.#configuration.checkpoint);
    return true;
  }

  /**
   * Reads, if it belongs here.
   * @returns Nothing when somebody else has to read.
   * @throws GraphwrightError as the state file's thread rejects.
   */
  read(statement: Statement): unknown[] | undefined {
    return this.#take('read')?.read(statement);
  }

  #mark(): void {
    this.#marking = undefined;
    this.#database?.note();
  }

  /** Whether commits take so little that they are made here. */
  get quick(): boolean {
    return this.#database !== undefined && this.#average! < quick;
  }

  /** The file, if something may be done with it now. */
  #take(what: 'commit' | 'read'): StateDatabase | undefined {
    if (!this.quick || this.#done.has(what)) return undefined;
    // A caller that goes on at once with the next one would else never let anybody else have a turn.
    if (this.#done.size === 0) setImmediate(() => this.#done.clear());
    this.#done.add(what);
    return this.#database;
  }

  /** Lets go of the file. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#opening;
    if (!this.#database) return;
    clearTimeout(this.#marking);
    this.#database.note();
    this.#database.close();
    this.#database = undefined;
    // SQLite keeps the file until each prepared statement was collected, which nothing else can bring about.
    collectGarbage();
    await nextTurn();
  }

  async #open(): Promise<void> {
    // Most that open a state file commit too little for it to pay.
    const { StateDatabase } = await import('./state-database.ts');
    const { path, ledger } = this.#configuration;
    try {
      this.#database = new StateDatabase(path, { ledger, second: true });
    } catch {
      // Not silent: the thread, which has the file open, goes on making all commits, and tells what fails.
    }
  }
}
