import Database from 'libsql';
import { coded } from './sqlite-errors.ts';

/** Keeps other processes out for as long as it is held, until it is released or this process ends, however it ends. */
export class FileLock {
  readonly #database: Database.Database;

  /**
   * @param path A file that is made for it and stays empty.
   * @throws GraphwrightError `data_in_use` at once while another holder has it, `unavailable`.
   */
  constructor(path: string) {
    try {
      this.#database = new Database(path, { timeout: 0 });
    } catch (thrown) {
      throw coded(thrown, path);
    }
    try {
      // The operating system gives SQLite's lock back when a process dies; a file with a number in it stays.
      this.#database.exec(
        'PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE',
      );
    } catch (thrown) {
      this.#database.close();
      throw coded(thrown, path);
    }
  }

  release(): void {
    this.#database.close();
  }
}
