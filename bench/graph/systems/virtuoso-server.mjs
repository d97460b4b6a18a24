import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { freePort } from '../../shared/free-port.mjs';

const run = promisify(execFile);

/**
 * Starts Virtuoso 7 on free ports with its database in a directory, which may hold one already; Debian's
 * package is installed when it is missing, which needs root. Its buffers are 800 MB, so that 5 M statements
 * fit.
 * @param {string} directory
 */
export async function startVirtuoso(directory) {
  await install();
  const [sqlPort, httpPort] = [await freePort(), await freePort()];
  writeFileSync(join(directory, 'virtuoso.ini'), settings(directory, sqlPort, httpPort));
  const server = spawn('virtuoso-t', ['+foreground', '+configfile', 'virtuoso.ini'], {
    cwd: directory,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  await online(server);
  const grants = `GRANT SPARQL_UPDATE TO "SPARQL"; DB.DBA.RDF_DEFAULT_USER_PERMS_SET('nobody', 7);`;
  await run('isql-vt', [`127.0.0.1:${sqlPort}`, 'dba', 'dba', `exec=${grants}`]);
  return {
    sqlPort,
    sparql: `http://127.0.0.1:${httpPort}/sparql`,
    pid: server.pid,
    async stop() {
      for (let waited = 0; waited < 30_000 && server.exitCode === null; waited += 50)
        await sleep(50);
      if (server.exitCode === null && server.kill('SIGKILL')) await once(server, 'exit');
    },
  };
}

async function install() {
  if (existsSync('/usr/bin/virtuoso-t') && existsSync('/usr/bin/isql-vt')) return;
  const quiet = { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } };
  await run('apt-get', ['update'], quiet);
  const words = ['install', '-y', '--no-install-recommends', 'virtuoso-opensource-7-bin'];
  await run('apt-get', words, quiet);
}

/** Virtuoso tells its progress on the error stream. @param {import('node:child_process').ChildProcess} server */
async function online(server) {
  let said = '';
  server.stderr?.setEncoding('utf8').on('data', (text) => {
    if (said.length < 100_000) said += text;
  });
  for (let waited = 0; waited < 120_000 && server.exitCode === null; waited += 20) {
    if (said.includes(' Server online')) return;
    await sleep(20);
  }
  throw new Error(`Virtuoso did not start: ${said}`);
}

/** @param {string} directory @param {number} sqlPort @param {number} httpPort */
const settings = (directory, sqlPort, httpPort) => `
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
ServerPort = 127.0.0.1:${sqlPort}
NumberOfBuffers = 100000
MaxDirtyBuffers = 75000
DirsAllowed = /
[HTTPServer]
ServerPort = 127.0.0.1:${httpPort}
ServerRoot = ${directory}
ServerThreads = 20
[SPARQL]
ResultSetMaxRows = 1000000
`;
