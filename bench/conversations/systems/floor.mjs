import { join } from 'node:path';
import Database from 'libsql';
import { answer, noOrder, steps } from '../script.mjs';

const tables = `
  CREATE TABLE IF NOT EXISTS conversations (id TEXT PRIMARY KEY, turn INTEGER, step TEXT, state TEXT) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS log (id TEXT, turn INTEGER, message TEXT, said TEXT, reply TEXT,
    PRIMARY KEY (id, turn)) WITHOUT ROWID;`;

/**
 * The least that keeps a conversation: its state in memory and in one row, and a row for each turn.
 * @param {import('./list.mjs').Place} place
 */
export async function open({ directory }) {
  const database = new Database(join(directory, 'floor.db'));
  for (const setting of ['locking_mode = EXCLUSIVE', 'journal_mode = WAL', 'synchronous = FULL'])
    database.pragma(setting);
  database.exec(tables);
  const insert = database.prepare('INSERT INTO conversations VALUES (?, 0, ?, ?)');
  const update = database.prepare(
    'UPDATE conversations SET turn = ?, step = ?, state = ? WHERE id = ?',
  );
  const log = database.prepare('INSERT INTO log VALUES (?, ?, ?, ?, ?)');
  const one = database.prepare('SELECT turn, step, state FROM conversations WHERE id = ?');
  const last = database.prepare('SELECT message, reply FROM log WHERE id = ? AND turn = ?');
  const commit = database.transaction((session, { turn, step, state }, values) => {
    update.run(turn, step, JSON.stringify(state), session);
    log.run(session, turn, ...values);
  });
  const known = new Map();
  /** What an earlier process left. */
  const read = (session) => {
    const { turn, step, state } = one.get(session);
    return { turn, step, state: JSON.parse(state), last: last.get(session, turn) };
  };
  return {
    async begin(session) {
      insert.run(session, steps[0], JSON.stringify(noOrder));
      known.set(session, { turn: 0, step: steps[0], state: noOrder });
    },
    async say(session, text, message) {
      const before = known.get(session) ?? read(session);
      if (before.last?.message === message) return before.last.reply;
      const { reply, update: changed, next } = answer(before.step, before.state, text);
      const state = { ...before.state, ...changed };
      const after = { turn: before.turn + 1, step: next, state, last: { message, reply } };
      commit(session, after, [message, text, reply]);
      known.set(session, after);
      return reply;
    },
    close: async () => database.close(),
  };
}
