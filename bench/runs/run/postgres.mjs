import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../../shared/free-port.mjs';

const root = '/usr/lib/postgresql';

/**
 * Starts Postgres on a free port and in a temporary directory. Unlike in the tests it syncs each commit, as SQLite does.
 * @throws Error when it is not installed
 */
export async function startPostgres() {
  const programs = newest();
  const directory = mkdtempSync(join(tmpdir(), 'graphwright-bench-postgres-'));
  const user = otherUser();
  const options = {
    ...user,
    cwd: directory,
    stdio: /** @type {const} */ (['ignore', 'ignore', 'pipe']),
  };
  if (user) chownSync(directory, user.uid, user.gid);
  const data = join(directory, 'data');
  const init = [
    '--no-sync',
    '-A',
    'trust',
    '--locale=C',
    '-E',
    'UTF8',
    '-U',
    'postgres',
    '-D',
    data,
  ];
  execFileSync(join(programs, 'initdb'), init, options);
  const port = String(await freePort());
  const words = [
    '-D',
    data,
    '-p',
    port,
    '-k',
    directory,
    '-h',
    '127.0.0.1',
    '-c',
    'max_connections=200',
  ];
  const server = spawn(join(programs, 'postgres'), words, options);
  let said = '';
  server.stderr.setEncoding('utf8').on('data', (text) => (said += text));
  for (let turn = 0; turn < 1500 && !said.includes('ready to accept connections'); turn += 1) {
    if (server.exitCode !== null) throw new Error(`Postgres did not start: ${said}`);
    await sleep(20);
  }
  return {
    /** Makes an empty database; gives its URL. @param {string} name */
    database(name) {
      const connection = ['-h', '127.0.0.1', '-p', port, '-U', 'postgres'];
      execFileSync(join(programs, 'createdb'), [...connection, name], options);
      return `postgres://postgres@127.0.0.1:${port}/${name}`;
    },
    async close() {
      if (server.exitCode === null && server.kill('SIGQUIT')) await once(server, 'exit');
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

function newest() {
  const versions = existsSync(root) ? readdirSync(root).map(Number).filter(Boolean) : [];
  const found = versions.toSorted((a, b) => b - a).map((version) => `${root}/${version}/bin`);
  const programs = found.find((path) => existsSync(join(path, 'initdb')));
  if (!programs) throw new Error(`no Postgres under ${root}; apt-get install postgresql`);
  return programs;
}

/** It refuses to run as root. */
const otherUser = () =>
  process.getuid?.() === 0 ? { uid: idOf('-u'), gid: idOf('-g') } : undefined;

const idOf = (/** @type {string} */ which) => Number(execFileSync('id', [which, 'postgres']));
