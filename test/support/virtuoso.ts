import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { freePort } from './free-port.ts';
import { install } from './packages.ts';

const run = promisify(execFile);
/** Of Debian's package. */
const programs = ['/usr/bin/virtuoso-t', '/usr/bin/isql-vt'];

/** A Virtuoso of our own, with updates open to anybody on this machine. */
export interface Virtuoso {
  /** Queries and updates. */
  sparql: string;
  graphStore: string;
  close(): Promise<void>;
}

/**
 * Starts Virtuoso 7 on free ports and in a temporary directory; Debian's package is installed when it is
 * missing, which needs root.
 */
export async function startVirtuoso(): Promise<Virtuoso> {
  if (!programs.every((path) => existsSync(path))) await install('virtuoso-opensource-7-bin');
  const directory = await mkdtemp(join(tmpdir(), 'virtuoso-'));
  const [sql, http] = [await freePort(), await freePort()];
  await writeFile(join(directory, 'virtuoso.ini'), settings(directory, sql, http));
  const server = spawn('virtuoso-t', ['+foreground', '+configfile', 'virtuoso.ini'], {
    cwd: directory,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const close = async () => {
    if (server.exitCode === null && server.kill('SIGKILL')) await once(server, 'exit');
    await rm(directory, { recursive: true, force: true });
  };
  try {
    await online(server);
    await run('isql-vt', [`127.0.0.1:${sql}`, 'dba', 'dba', `exec=${grants}`]);
  } catch (thrown) {
    await close();
    throw thrown;
  }
  const base = `http://127.0.0.1:${http}`;
  return { sparql: `${base}/sparql`, graphStore: `${base}/sparql-graph-crud`, close };
}

/** Virtuoso tells its progress on the error stream. */
async function online(server: ChildProcess): Promise<void> {
  let said = '';
  server.stderr!.setEncoding('utf8').on('data', (text: string) => (said += text));
  for (let waited = 0; waited < 40_000 && server.exitCode === null; waited += 50) {
    if (said.includes(' Server online')) return;
    await sleep(50);
  }
  throw new Error(`Virtuoso did not start: ${said}`);
}

/** Anybody may read and write, but does not see the graphs that Virtuoso keeps for itself. */
const grants = [
  'GRANT SPARQL_UPDATE TO "SPARQL"',
  "DB.DBA.RDF_DEFAULT_USER_PERMS_SET('nobody', 7)",
  ...[
    'http://www.openlinksw.com/schemas/virtrdf#',
    'http://www.w3.org/ns/ldp#',
    'http://localuriqaserver/sparql',
  ].map((graph) => `DB.DBA.RDF_GRAPH_USER_PERMS_SET('${graph}', 'nobody', 0)`),
]
  .map((statement) => `${statement};`)
  .join('\n');

const settings = (directory: string, sql: number, http: number) => `
[Database]
DatabaseFile = ${directory}/virtuoso.db
ErrorLogFile = ${directory}/virtuoso.log
LockFile = ${directory}/virtuoso.lck
TransactionFile = ${directory}/virtuoso.trx
xa_persistent_file = ${directory}/virtuoso.pxa
[TempDatabase]
DatabaseFile = ${directory}/temporary.db
TransactionFile = ${directory}/temporary.trx
[Parameters]
ServerPort = 127.0.0.1:${sql}
NumberOfBuffers = 10000
MaxDirtyBuffers = 6000
[HTTPServer]
ServerPort = 127.0.0.1:${http}
ServerRoot = ${directory}
ServerThreads = 20
[SPARQL]
ResultSetMaxRows = 1000000
`;
