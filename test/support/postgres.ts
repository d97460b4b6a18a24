import * as server from '../../bench/shared/postgres.mjs';

/** A Postgres of our own. */
export interface Postgres {
  /** Makes an empty database, or a copy of one that nobody is connected to; gives its URL. */
  database(name: string, template?: string): Promise<string>;
  close(): Promise<void>;
}

/** Starts Postgres without fsync. */
export async function startPostgres(): Promise<Postgres> {
  const postgres = await server.startPostgres(['fsync=off']);
  return {
    database: async (name, template) => postgres.database(name, template),
    close: () => postgres.close(),
  };
}
