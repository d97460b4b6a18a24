import { workerData } from 'node:worker_threads';
import { serve, type Answer } from './serve.ts';
import { StateDatabase, type Commit } from './state-database.ts';
import type { StateRequest, Statement } from './state-file.ts';

let database: StateDatabase;
let waiting: Commit[] = [];

serve<StateRequest>((request): Answer | Promise<Answer> => {
  switch (request.type) {
    case 'open':
      database = new StateDatabase((workerData as { path: string }).path);
      return {};
    case 'commit':
      return commit(request.statements);
    case 'read':
      flush();
      return { value: database.read(request.statement) };
    case 'close':
      flush();
      database.close();
      return {};
  }
});

/** Waits for the other messages that have already arrived, so that they share the sync. */
async function commit(statements: readonly Statement[]): Promise<Answer> {
  if (waiting.length === 0) setImmediate(flush);
  await new Promise<void>((resolve, reject) => waiting.push({ statements, resolve, reject }));
  return {};
}

function flush(): void {
  const group = waiting;
  waiting = [];
  if (group.length > 0) database.commit(group);
}
