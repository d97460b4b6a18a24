import type { Pool, QueryResultRow } from 'pg';
import type { Statement } from '../../../ontology/embedded/state-file.ts';
import { postgresFailure } from '../../postgres-failure.ts';

/** Statements over arrays: each value is one element of the array in its place. */
interface Waiting {
  statements: readonly Statement[];
  resolve: () => void;
  reject: (reason: unknown) => void;
}

/** How many commits are under way at once; what comes meanwhile shares the next one. */
const lanes = 2;

/** Postgres as runs use it: queries, and commits that many runs share. */
export class Database {
  readonly #pool: Pool;
  readonly #onLost: (runs: readonly string[]) => void;
  readonly #names = new Map<string, string>();
  #waiting: Waiting[] = [];
  #busy = 0;

  /** @param onLost Told of runs whose rows were not taken, since they belong to this process no more. */
  constructor(pool: Pool, onLost: (runs: readonly string[]) => void) {
    this.#pool = pool;
    this.#onLost = onLost;
  }

  /** @throws GraphwrightError `unavailable` */
  async rows<Row extends QueryResultRow>(
    sql: string,
    values: readonly unknown[] = [],
  ): Promise<Row[]> {
    try {
      const { rows } = await this.#pool.query<Row>(sql, [...values]);
      return rows;
    } catch (thrown) {
      throw postgresFailure(thrown);
    }
  }

  /**
   * Carries out statements whose text is made for arrays, together with those of other runs. Each gives back
   * the column `run` of what it wrote.
   */
  commit(statements: readonly Statement[]): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ statements, resolve, reject });
      if (this.#busy < lanes) void this.#work();
    });
  }

  async #work(): Promise<void> {
    this.#busy += 1;
    while (this.#waiting.length > 0) {
      const taken = this.#waiting;
      this.#waiting = [];
      await this.#together(taken);
    }
    this.#busy -= 1;
  }

  async #together(taken: readonly Waiting[]): Promise<void> {
    try {
      this.#onLost(await this.#write(taken.flatMap(({ statements }) => statements)));
    } catch (thrown) {
      // One that cannot be written must not take the others with it.
      if (taken.length > 1) for (const one of taken) await this.#together([one]);
      else taken[0]!.reject(postgresFailure(thrown));
      return;
    }
    for (const { resolve } of taken) resolve();
  }

  /** A name under which each connection keeps a statement prepared. */
  #nameOf(sql: string): string {
    const name = this.#names.get(sql) ?? `graphwright_${this.#names.size}`;
    this.#names.set(sql, name);
    return name;
  }

  /** Gives the runs of which not every row was taken. */
  async #write(statements: readonly Statement[]): Promise<string[]> {
    const groups = bySql(statements);
    const client = await this.#pool.connect();
    try {
      if (groups.size > 1) await client.query('BEGIN');
      const lost: string[] = [];
      for (const [sql, group] of groups) {
        const columns = group[0]!.values!.map((_, at) => group.map(({ values }) => values![at]));
        const query = { name: this.#nameOf(sql), text: sql, values: columns };
        const { rows } = await client.query<{ run: string }>(query);
        lost.push(...missing(columns[0] as string[], rows));
      }
      if (groups.size > 1) await client.query('COMMIT');
      client.release();
      return lost;
    } catch (thrown) {
      await client.query('ROLLBACK').catch(() => undefined);
      client.release(thrown as Error);
      throw thrown;
    }
  }
}

function bySql(statements: readonly Statement[]): Map<string, Statement[]> {
  const groups = new Map<string, Statement[]>();
  for (const statement of statements) {
    const group = groups.get(statement.sql);
    if (group) group.push(statement);
    else groups.set(statement.sql, [statement]);
  }
  return groups;
}

/** The runs of which more was given than taken. */
function missing(given: readonly string[], taken: readonly { run: string }[]): string[] {
  if (given.length === taken.length) return [];
  const counts = new Map<string, number>();
  for (const { run } of taken) counts.set(run, (counts.get(run) ?? 0) + 1);
  const lost = new Set<string>();
  for (const run of given) {
    const left = counts.get(run) ?? 0;
    if (left === 0) lost.add(run);
    else counts.set(run, left - 1);
  }
  return [...lost];
}
