import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { chown, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { freePort } from './free-port.ts';

const run = promisify(execFile);

/** A Postgres of our own. */
export interface Postgres {
  /** Makes an empty database, or a copy of one that nobody is connected to; gives its URL. */
  database(name: string, template?: string): Promise<string>;
  close(): Promise<void>;
}

/**
 * Starts Postgres on a free port and in a temporary directory, without fsync; Debian's package is installed
 * when it is missing, which needs root. As root it runs as the user postgres, since it refuses to run as root.
 */
export async function startPostgres(): Promise<Postgres> {
  const programs = await install();
  const directory = await mkdtemp(join(tmpdir(), 'postgres-'));
  const user = await otherUser();
  if (user) await chown(directory, user.uid, user.gid);
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
  await run(join(programs, 'initdb'), init, user);
  const port = await freePort();
  const options = ['-D', data, '-p', String(port), '-k', directory, '-h', '127.0.0.1'];
  for (const setting of ['fsync=off', 'max_connections=200']) options.push('-c', setting);
  const server = spawn(join(programs, 'postgres'), options, {
    ...user,
    cwd: directory,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const close = async () => {
    if (server.exitCode === null && server.kill('SIGQUIT')) await once(server, 'exit');
    await rm(directory, { recursive: true, force: true });
  };
  try {
    await online(server);
  } catch (thrown) {
    await close();
    throw thrown;
  }
  const connection = ['-h', '127.0.0.1', '-p', String(port), '-U', 'postgres'];
  return {
    async database(name, template = 'template1') {
      await run(join(programs, 'createdb'), [...connection, '-T', template, name]);
      return `postgres://postgres@127.0.0.1:${port}/${name}`;
    },
    close,
  };
}

/** Where the programs of the newest version are. */
async function install(): Promise<string> {
  const found = () => {
    const root = '/usr/lib/postgresql';
    const versions = existsSync(root) ? readdirSync(root).map(Number).filter(Boolean) : [];
    const [newest] = versions.toSorted((a, b) => b - a);
    return newest && existsSync(`${root}/${newest}/bin/initdb`)
      ? `${root}/${newest}/bin`
      : undefined;
  };
  const before = found();
  if (before) return before;
  const quiet = { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } };
  await run('apt-get', ['update'], quiet);
  await run('apt-get', ['install', '-y', '--no-install-recommends', 'postgresql'], quiet);
  const after = found();
  if (!after) throw new Error('The package postgresql has no initdb under /usr/lib/postgresql');
  return after;
}

async function otherUser(): Promise<{ uid: number; gid: number } | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const [uid, gid] = await Promise.all(
    ['-u', '-g'].map(async (which) => Number((await run('id', [which, 'postgres'])).stdout)),
  );
  return { uid: uid!, gid: gid! };
}

async function online(server: ChildProcess): Promise<void> {
  let said = '';
  server.stderr!.setEncoding('utf8').on('data', (text: string) => (said += text));
  for (let waited = 0; waited < 30_000 && server.exitCode === null; waited += 20) {
    if (said.includes('ready to accept connections')) return;
    await sleep(20);
  }
  throw new Error(`Postgres did not start: ${said}`);
}
