import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';
import { postgresPrograms } from '../../bench/shared/postgres.mjs';
import { redisProgram } from './redis.ts';

const run = promisify(execFile);

/** Installs what the suites need, once, before those that need it run side by side. */
export async function setup(): Promise<void> {
  const missing = [
    ...(postgresPrograms() ? [] : ['postgresql']),
    ...(existsSync(redisProgram) ? [] : ['redis-server']),
  ];
  if (missing.length > 0) await install(...missing);
}

/** Installs packages of Debian, which needs root. */
export async function install(...packages: readonly string[]): Promise<void> {
  const quiet = { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } };
  await run('apt-get', ['update', '-qq'], quiet);
  await run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages], quiet);
}
