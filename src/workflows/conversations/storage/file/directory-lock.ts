import { join } from 'node:path';
import Database from 'libsql';
import { GraphwrightError } from '../../../../errors.ts';

/** Holds a directory for this process alone, until it is released or the process ends, however it ends. */
export class DirectoryLock {
  readonly #database: Database.Database;

  /** @throws GraphwrightError `data_in_use` at once while another process has it. */
  constructor(directory: string) {
    this.#database = new Database(join(directory, 'lock.db'), { timeout: 0 });
    try {
      // The operating system gives SQLite's lock back when a process dies; a file with a number in it stays.
      this.#database.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
    } catch (cause) {
      this.#database.close();
      const text = `${directory} is in use by another process; stop that one, or give this one a directory of its own`;
      throw new GraphwrightError('data_in_use', text, { cause });
    }
  }

  release(): void {
    this.#database.close();
  }
}
