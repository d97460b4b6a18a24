import {
  parentPort,
  receiveMessageOnPort,
  workerData,
  type MessagePort,
} from 'node:worker_threads';
import { CommitLedger } from './commit-ledger.ts';
import { FileLock } from './file-lock.ts';
import { assertLogWhole } from './lost-commits.ts';
import { failure, reply } from './serve.ts';
import { StateDatabase, type Commit } from './state-database.ts';
import type { Asked } from './thread.ts';
import type {
  LinkedCommit,
  LinkedPart,
  StateRequest,
  StateWorkerData,
  Statement,
} from './state-file.ts';

let lock: FileLock | undefined;
let database: StateDatabase | undefined;
let waiting: Commit[] = [];

listen<readonly [Asked<StateRequest>]>(parentPort!, ([{ id, request }]) => {
  if (request.type === 'commit') return enlist({ id, statements: request.statements });
  // Whoever asks for something else may rely on what was committed before.
  flush();
  try {
    reply({ id, value: handle(request) });
  } catch (thrown) {
    reply(failure(id, thrown));
  }
});

function handle(request: Exclude<StateRequest, { type: 'commit' }>): unknown {
  const { path, memory, ...settings } = workerData as StateWorkerData;
  switch (request.type) {
    case 'inspect':
      lock = new FileLock(lockOf(path));
      return assertLogWhole(path);
    case 'open':
      if (path !== ':memory:') lock = new FileLock(lockOf(path));
      database = new StateDatabase(path, { ...settings, ledger: new CommitLedger(memory) });
      return undefined;
    case 'link':
      return follow(request.port);
    case 'read':
      return database!.read(request.statement);
    case 'checkpoint':
      return database!.checkpoint();
    case 'close':
      database?.close();
      lock?.release();
      // Ended from outside in the middle of a call, libsql would take the whole process down.
      setImmediate(() => process.exit());
      return undefined;
  }
}

/** Takes what another thread commits; it is answered to the main thread. */
function follow(port: MessagePort): void {
  let parts: Statement[] = [];
  listen(port, (message: LinkedCommit | LinkedPart) => {
    if ('before' in message) return void parts.push(...message.before);
    enlist({ id: message.id, statements: [...parts, ...message.statements] });
    parts = [];
  });
}

/** Takes all messages that have arrived, so that what they commit shares a sync. */
function listen<Message>(port: MessagePort, take: (message: Message) => void): void {
  port.on('message', (first: Message) => {
    take(first);
    for (let next; (next = receiveMessageOnPort(port));) take(next.message as Message);
    flush();
  });
}

function enlist({ id, statements }: LinkedCommit): void {
  waiting.push({
    statements,
    resolve: (took) => reply({ id, value: took }),
    reject: (thrown) => reply(failure(id, thrown)),
  });
}

function flush(): void {
  const group = waiting;
  waiting = [];
  if (group.length === 0) return;
  database!.commit(group);
  database!.note();
  try {
    // Only now, as whoever was told need not wait for it.
    database!.tidy();
  } catch {
    // Not silent: what was committed lies in the log, and a disk that takes no more fails the next commit.
  }
}

const lockOf = (path: string) => `${path}-lock`;
