import { execFileSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { startPostgres } from '../../shared/postgres.mjs';
import { startRedis } from './redis.mjs';

/**
 * Where the conversations of one system are kept in one measurement.
 * @typedef {object} Store
 * @property {string} url for a server, or nothing
 * @property {() => Promise<number | undefined>} bytes on disk, while no process of the system has it open
 */

/** Starts the servers that are needed; one that is missing says so when it is asked for a store. */
export async function startServers(/** @type {readonly string[]} */ kept) {
  const started = async (/** @type {string} */ name, /** @type {() => Promise<any>} */ start) => {
    if (!kept.includes(name)) return undefined;
    return start().catch((/** @type {Error} */ thrown) => thrown);
  };
  const postgres = await started('Postgres', startPostgres);
  const redis = await started('Redis', startRedis);
  let databases = 0;
  return {
    /** An empty store. @returns {Promise<Store>} */
    async store(/** @type {string} */ keeps, /** @type {string} */ directory) {
      switch (keeps) {
        case 'Postgres': {
          if (postgres instanceof Error) throw postgres;
          const url = postgres.database(`bench_${(databases += 1)}`);
          return { url, bytes: () => postgresBytes(url) };
        }
        case 'Redis': {
          if (redis instanceof Error) throw redis;
          await redis.clear();
          return { url: redis.url, bytes: redis.bytes };
        }
        case 'memory':
          return { url: '', bytes: async () => undefined };
        case 'SQLite':
          return { url: '', bytes: async () => sqliteBytes(directory) };
        default:
          return { url: '', bytes: async () => directoryBytes(directory) };
      }
    },
    async close() {
      for (const server of [postgres, redis])
        if (server && !(server instanceof Error)) await server.close();
    },
  };
}

/** Tables and indexes; the log of Postgres is a ring of fixed size and shared by all. */
async function postgresBytes(/** @type {string} */ connectionString) {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    const { rows } = await client.query(
      `SELECT sum(pg_total_relation_size(oid))::float8 AS bytes FROM pg_class
       WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace`,
    );
    return Number(rows[0]?.bytes);
  } finally {
    await client.end();
  }
}

/** Not every driver empties the log on its last close, and libsql lets go of a file only when its process ends. */
function sqliteBytes(/** @type {string} */ directory) {
  execFileSync(process.execPath, [new URL('checkpoint.mjs', import.meta.url).pathname, directory]);
  return directoryBytes(directory);
}

/** @param {string} directory */
const directoryBytes = (directory) =>
  readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((each) => each.isFile())
    .map((each) => statSync(join(each.parentPath, each.name)).size)
    .reduce((sum, size) => sum + size, 0);
