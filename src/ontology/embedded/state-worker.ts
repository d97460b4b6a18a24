import { receiveMessageOnPort, workerData, type MessagePort } from 'node:worker_threads';
import { assertLogWhole } from './lost-commits.ts';
import { failure, reply, serve, type Answer } from './serve.ts';
import { StateDatabase, type Commit } from './state-database.ts';
import type { LinkedCommit, StateRequest, Statement } from './state-file.ts';

let database: StateDatabase | undefined;
let waiting: Commit[] = [];

serve<StateRequest>((request): Answer | Promise<Answer> => {
  switch (request.type) {
    case 'inspect':
      assertLogWhole((workerData as { path: string }).path);
      return {};
    case 'open':
      database = new StateDatabase((workerData as { path: string }).path);
      return {};
    case 'commit':
      return commit(request.statements);
    case 'link':
      link(request.port);
      return {};
    case 'read':
      flush();
      return { value: database!.read(request.statement) };
    case 'close':
      flush();
      database?.close();
      // Ended from outside in the middle of a call, libsql would take the whole process down.
      setImmediate(() => process.exit());
      return {};
  }
});

/** Waits for the other messages that have already arrived, so that they share the sync. */
async function commit(statements: readonly Statement[]): Promise<Answer> {
  if (waiting.length === 0) setImmediate(flush);
  await new Promise<void>((resolve, reject) => waiting.push({ statements, resolve, reject }));
  return {};
}

/** What another thread commits goes to the disk at once, along with all that waits; it is answered to the main thread. */
function link(port: MessagePort): void {
  port.on('message', (first: LinkedCommit) => {
    enlist(first);
    for (let next; (next = receiveMessageOnPort(port));) enlist(next.message as LinkedCommit);
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
