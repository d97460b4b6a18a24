import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from './free-port.mjs';

const root = '/usr/lib/postgresql';

/** The directory with the programs of the newest version, if Debian's package is installed. */
export function postgresPrograms() {
  const versions = existsSync(root) ? readdirSync(root).map(Number).filter(Boolean) : [];
  const found = versions.toSorted((a, b) => b - a).map((version) => `${root}/${version}/bin`);
  return found.find((path) => existsSync(join(path, 'initdb')));
}

/**
 * Starts Postgres on a free port and in a temporary directory. As root it runs as the user postgres, since it refuses
 * to run as root. Without settings it syncs each commit, as SQLite does.
 * @param {readonly string[]} settings as `name=value`
 * @throws Error when it is not installed
 */
export async function startPostgres(settings = []) {
  const programs = postgresPrograms();
  if (!programs) throw new Error(`no Postgres under ${root}; apt-get install postgresql`);
  const directory = mkdtempSync(join(tmpdir(), 'graphwright-postgres-'));
  const user = otherUser();
  const options = {
    ...user,
    cwd: directory,
    stdio: /** @type {const} */ (['ignore', 'ignore', 'pipe']),
  };
  if (user) chownSync(directory, user.uid, user.gid);
  const data = join(directory, 'data');
  const plain = ['--no-sync', '-A', 'trust', '--locale=C', '-E', 'UTF8', '-U', 'postgres'];
  execFileSync(join(programs, 'initdb'), [...plain, '-D', data], options);
  const port = String(await freePort());
  const words = ['-D', data, '-p', port, '-k', directory, '-h', '127.0.0.1'];
  for (const setting of ['max_connections=200', ...settings]) words.push('-c', setting);
  const server = spawn(join(programs, 'postgres'), words, options);
  const close = async () => {
    if (server.exitCode === null && server.kill('SIGQUIT')) await once(server, 'exit');
    rmSync(directory, { recursive: true, force: true });
  };
  let said = '';
  server.stderr.setEncoding('utf8').on('data', (text) => (said += text));
  for (let turn = 0; !said.includes('ready to accept connections'); turn += 1) {
    if (server.exitCode === null && turn < 1500) await sleep(20);
    else {
      await close();
      throw new Error(`Postgres did not start: ${said}`);
    }
  }
  return {
    /**
     * Makes an empty database, or a copy of one that nobody is connected to; gives its URL.
     * @param {string} name
     * @param {string} template
     */
    database(name, template = 'template1') {
      const connection = ['-h', '127.0.0.1', '-p', port, '-U', 'postgres'];
      execFileSync(join(programs, 'createdb'), [...connection, '-T', template, name], options);
      return `postgres://postgres@127.0.0.1:${port}/${name}`;
    },
    close,
  };
}

const otherUser = () =>
  process.getuid?.() === 0 ? { uid: idOf('-u'), gid: idOf('-g') } : undefined;

const idOf = (/** @type {string} */ which) => Number(execFileSync('id', [which, 'postgres']));
