import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from '../../../node_modules/@redis/client/dist/index.js';
import { freePort } from '../../shared/free-port.mjs';

const program = '/usr/bin/redis-server';

/**
 * Starts Redis on a free port and in a temporary directory; each write is on disk before it is acknowledged.
 * @throws Error when it is not installed
 */
export async function startRedis() {
  if (!existsSync(program)) throw new Error('no Redis; apt-get install redis-server');
  const directory = mkdtempSync(join(tmpdir(), 'graphwright-bench-redis-'));
  const port = await freePort();
  const place = ['--port', String(port), '--bind', '127.0.0.1', '--dir', directory];
  const synced = ['--save', '', '--appendonly', 'yes', '--appendfsync', 'always'];
  const server = spawn(program, [...place, ...synced], { stdio: ['ignore', 'pipe', 'inherit'] });
  const started = new Promise((resolve) => {
    server.stdout.setEncoding('utf8').on('data', (text) => {
      if (text.includes('Ready to accept connections')) resolve(undefined);
    });
  });
  await Promise.race([started, once(server, 'exit')]);
  const url = `redis://127.0.0.1:${port}`;
  const client = createClient({ url });
  await client.connect();
  return {
    url,
    /** The bytes of all it holds, written down. */
    async bytes() {
      await client.sendCommand(['SAVE']);
      return statSync(join(directory, 'dump.rdb')).size;
    },
    /** Forgets everything. */
    clear: () => client.sendCommand(['FLUSHALL']),
    async close() {
      client.destroy();
      if (server.exitCode === null && server.kill('SIGKILL')) await once(server, 'exit');
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
