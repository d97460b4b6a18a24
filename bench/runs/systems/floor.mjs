import { join } from 'node:path';
import Database from 'libsql';
import { steps } from '../workflow.mjs';

/** As many synced commits as a run of ours makes by itself: its start, and each step, the end along with the last. */
const commits = 1 + steps.length;

/** @param {import('./list.mjs').Place} place */
export async function open({ directory, step }) {
  const database = new Database(join(directory, 'floor.db'));
  for (const setting of ['locking_mode = EXCLUSIVE', 'journal_mode = WAL', 'synchronous = FULL'])
    database.pragma(setting);
  database.exec('CREATE TABLE IF NOT EXISTS commits (run TEXT, number INTEGER, value TEXT)');
  const insert = database.prepare('INSERT INTO commits VALUES (?, ?, ?)');
  return {
    async run(id) {
      for (let number = 0; number < commits; number += 1)
        insert.run([id, number, JSON.stringify(step(steps[number] ?? 'end'))]);
    },
    recover: async () => undefined,
    close: async () => database.close(),
  };
}
