import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from './free-port.ts';

const run = promisify(execFile);
/** Of Debian's package. */
export const redisProgram = '/usr/bin/redis-server';

/** A stock Redis of our own, in memory. */
export interface Redis {
  url: string;
  /** Asks it for everything it holds. */
  dump(): Promise<string>;
  /** Removes all of it. */
  empty(): Promise<void>;
  close(): Promise<void>;
}

/** Starts Redis on a free port. */
export async function startRedis(): Promise<Redis> {
  const directory = await mkdtemp(join(tmpdir(), 'redis-'));
  const port = await freePort();
  // Uncompressed, so that a dump shows what is kept.
  const plain = ['--rdbcompression', 'no'];
  const options = ['--port', String(port), '--bind', '127.0.0.1', '--dir', directory, ...plain];
  const server = spawn(redisProgram, [...options, '--save', '', '--enable-debug-command', 'no'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  server.stdout.setEncoding('utf8');
  for await (const text of server.stdout)
    if (String(text).includes('Ready to accept connections')) break;
  const cli = async (...words: string[]) =>
    (await run('redis-cli', ['-p', String(port), ...words])).stdout;
  return {
    url: `redis://127.0.0.1:${port}`,
    async dump() {
      const keys = (await cli('KEYS', '*')).split('\n').filter(Boolean);
      const values = await Promise.all(keys.map((key) => cli('--no-raw', 'DUMP', key)));
      return [...keys, ...values].join('\n');
    },
    async empty() {
      await cli('FLUSHALL');
    },
    async close() {
      server.kill('SIGKILL');
      if (server.exitCode === null && server.signalCode === null) await once(server, 'exit');
      await rm(directory, { recursive: true, force: true });
    },
  };
}
