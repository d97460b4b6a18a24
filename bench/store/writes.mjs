// A durable write of one statement through the port, beside a bare commit of the same row by SQLite in this
// thread; and fifty writers at once beside one. Alternating, in one run.
import Database from 'libsql';
import { join } from 'node:path';
import { openEmbedded } from '../../dist/ontology/embedded/open-embedded.js';
import {
  atLeast,
  atMost,
  graph,
  inDirectory,
  median,
  ms,
  report,
  statement,
  timed,
} from './measure.mjs';

const rounds = Number(process.argv[2] ?? 15);
const inRound = 100;

/** The floor: what a program pays that talks to SQLite directly and keeps no graph. */
function bareCommits(path) {
  const database = new Database(path);
  database.pragma('locking_mode = EXCLUSIVE');
  database.pragma('journal_mode = WAL');
  database.pragma('synchronous = FULL');
  database.exec(`CREATE TABLE journal (position INTEGER PRIMARY KEY, at TEXT NOT NULL,
    removed TEXT NOT NULL, inserted TEXT NOT NULL, checksum TEXT NOT NULL) STRICT`);
  const insert = database.prepare('INSERT INTO journal VALUES (?, ?, ?, ?, ?)');
  const line =
    '<http://example.org/item/1> <http://example.org/vocabulary#label> "Item number 1" <http://example.org/graph> .\n';
  const checksum = 'q'.repeat(44);
  const at = new Date().toISOString();
  return {
    commit(position) {
      database.exec('BEGIN IMMEDIATE');
      insert.run([position, at, '', line, checksum]);
      database.exec('COMMIT');
    },
    close: () => database.close(),
  };
}

export async function measureWrites(log = () => {}) {
  return inDirectory(async (directory) => {
    const { store, close } = await openEmbedded({ directory: join(directory, 'data') });
    const bare = bareCommits(join(directory, 'bare.db'));
    let written = 0;
    let committed = 0;
    const write = () => store.insert(graph, [statement((written += 1))]);
    const commit = async () => bare.commit((committed += 1));
    const times = { bare: [], one: [] };
    const rates = { one: [], fifty: [] };
    for (let n = 0; n < 300; n += 1) await write();
    for (let n = 0; n < 300; n += 1) await commit();
    for (let round = 0; round < rounds; round += 1) {
      for (let n = 0; n < inRound; n += 1) times.bare.push(await timed(commit));
      const alone = await timed(async () => {
        for (let n = 0; n < inRound; n += 1) times.one.push(await timed(write));
      });
      rates.one.push(inRound / alone);
      const writer = async () => {
        for (let n = 0; n < 20; n += 1) await write();
      };
      const together = await timed(() => Promise.all(Array.from({ length: 50 }, writer)));
      rates.fifty.push(1000 / together);
    }
    bare.close();
    await close();
    const result = {
      single: median(times.one) / median(times.bare),
      fifty: median(rates.fifty) / median(rates.one),
    };
    log(
      'single durable write / bare commit',
      result.single,
      atMost(2),
      `${ms(median(times.one))} and ${ms(median(times.bare))}`,
    );
    log(
      'fifty writers / one writer',
      result.fifty,
      atLeast(5),
      `${(median(rates.fifty) * 1000).toFixed(0)} and ${(median(rates.one) * 1000).toFixed(0)} writes a second`,
    );
    return result;
  });
}

if (process.argv[1] === import.meta.filename) await measureWrites(report);
