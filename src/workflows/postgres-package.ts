import type { Pool } from 'pg';
import { GraphwrightError } from '../errors.ts';

/**
 * Loads the package `pg`, which is optional.
 * @param what Needs it: "Conversations".
 * @throws GraphwrightError `invalid_configuration` when it is not installed.
 */
export async function loadPostgres(what: string) {
  try {
    return (await import('pg')).default;
  } catch (cause) {
    const text = `${what} in Postgres need one more package: npm install pg`;
    throw new GraphwrightError('invalid_configuration', text, { cause });
  }
}

/** Has a pool outlive its connections: who uses one that breaks is told by the query; nobody else needs to know. */
export function outliveConnections(pool: Pool): Pool {
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}

/** Whether a text with a NUL was asked for: Postgres cannot store one, so it cannot have found it either. */
export const hasNul = (thrown: unknown): boolean => (thrown as { code?: string }).code === '22021';
