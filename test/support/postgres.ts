import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import * as server from '../../bench/shared/postgres.mjs';

const run = promisify(execFile);

/** A Postgres of our own. */
export interface Postgres {
  /** Makes an empty database, or a copy of one that nobody is connected to; gives its URL. */
  database(name: string, template?: string): Promise<string>;
  close(): Promise<void>;
}

/** Starts Postgres without fsync; Debian's package is installed when it is missing, which needs root. */
export async function startPostgres(): Promise<Postgres> {
  if (!server.postgresPrograms()) await install();
  const postgres = await server.startPostgres(['fsync=off']);
  return {
    database: async (name, template) => postgres.database(name, template),
    close: () => postgres.close(),
  };
}

async function install(): Promise<void> {
  const quiet = { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } };
  await run('apt-get', ['update'], quiet);
  await run('apt-get', ['install', '-y', '--no-install-recommends', 'postgresql'], quiet);
}
