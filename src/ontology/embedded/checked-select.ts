import type Database from 'libsql';
import { isUtf8 } from 'node:buffer';
import { GraphwrightError } from '../../errors.ts';
import type { SqlValue } from './state-file.ts';

/**
 * A SELECT whose texts are checked here. The SQLite binding ends the whole process over a text that is not
 * UTF-8, as one in a damaged file may be; so texts leave SQLite as bytes.
 */
export class CheckedSelect {
  readonly #statement: Database.Statement;
  readonly #columns: readonly string[];

  constructor(database: Database.Database, sql: string) {
    this.#columns = database
      .prepare(sql)
      .columns()
      .map(({ name }) => name);
    const checked = this.#columns.map((name) => {
      const column = `"${name.replaceAll('"', '""')}"`;
      const isText = `typeof(${column}) = 'text'`;
      return `${isText}, CASE WHEN ${isText} THEN CAST(${column} AS BLOB) ELSE ${column} END`;
    });
    this.#statement = database.prepare(`SELECT ${checked.join(', ')} FROM (${sql})`).raw();
  }

  /** @throws GraphwrightError `store_damaged` for a text that is not UTF-8. */
  all(values: readonly SqlValue[]): Record<string, SqlValue>[] {
    const rows = this.#statement.all([...values]) as SqlValue[][];
    return rows.map((row) => {
      const value = (index: number) => row[2 * index + 1]!;
      const unsound = this.#columns.findIndex(
        (_, index) => row[2 * index] && !isUtf8(value(index) as Uint8Array),
      );
      if (unsound >= 0) throw this.#damaged(row, unsound);
      return Object.fromEntries(
        this.#columns.map((name, index) => [
          name,
          row[2 * index] ? textOf(value(index) as Uint8Array) : value(index),
        ]),
      );
    });
  }

  #damaged(row: readonly SqlValue[], unsound: number): GraphwrightError {
    const place = this.#columns.flatMap((name, index) => {
      const value = row[2 * index + 1];
      return typeof value === 'number' ? `${name} ${value}` : [];
    });
    return new GraphwrightError(
      'store_damaged',
      `The state file is damaged: at ${place.join(', ') || 'a row'}, the ${this.#columns[unsound]} is not UTF-8. Restore the data directory from a backup`,
    );
  }
}

const textOf = ({ buffer, byteOffset, length }: Uint8Array): string =>
  Buffer.from(buffer, byteOffset, length).toString();
