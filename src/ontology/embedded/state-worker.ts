import {
  parentPort,
  receiveMessageOnPort,
  workerData,
  type MessagePort,
} from 'node:worker_threads';
import { assertLogWhole } from './lost-commits.ts';
import { failure, reply } from './serve.ts';
import { StateDatabase, type Commit } from './state-database.ts';
import type { LinkedCommit, StateFileSettings, StateRequest } from './state-file.ts';

let database: StateDatabase | undefined;
let waiting: Commit[] = [];

listen<{ id: number; request: StateRequest }>(parentPort!, ({ id, request }) => {
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
  const { path, ...settings } = workerData as { path: string } & StateFileSettings;
  switch (request.type) {
    case 'inspect':
      return assertLogWhole(path);
    case 'open':
      database = new StateDatabase(path, settings);
      return undefined;
    case 'link':
      // What another thread commits is answered to the main thread.
      return listen(request.port, enlist);
    case 'read':
      return database!.read(request.statement);
    case 'close':
      database?.close();
      // Ended from outside in the middle of a call, libsql would take the whole process down.
      setImmediate(() => process.exit());
      return undefined;
  }
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
    resolve: () => reply({ id, value: undefined }),
    reject: (thrown) => reply(failure(id, thrown)),
  });
}

function flush(): void {
  const group = waiting;
  waiting = [];
  if (group.length > 0) database!.commit(group);
}
