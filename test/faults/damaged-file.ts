import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GraphwrightError } from '../../src/errors.ts';
import { Engine } from '../../src/ontology/embedded/engine.ts';
import {
  appendRow,
  beginning,
  createJournal,
  nextRow,
  rowsAfter,
  type JournalRow,
} from '../../src/ontology/embedded/journal.ts';
import { assertLogWhole } from '../../src/ontology/embedded/lost-commits.ts';
import {
  createSnapshots,
  newestSnapshot,
  readPage,
  verifiedPage,
} from '../../src/ontology/embedded/snapshot-rows.ts';
import { StateDatabase } from '../../src/ontology/embedded/state-database.ts';
import type { StateFile, Statement } from '../../src/ontology/embedded/state-file.ts';
import { assertComplete } from '../../src/ontology/embedded/verify.ts';

/** The files of a data directory, by their names. */
export type Files = Readonly<Record<string, Buffer>>;

interface TestedState extends StateFile {
  database: StateDatabase;
}

/** A state file in this thread, so that one can be opened thousands of times. */
export function stateOf(path: string): TestedState {
  const database = new StateDatabase(path);
  return {
    database,
    quick: false,
    commit: (statements) =>
      new Promise((resolve, reject) =>
        database.commit([{ statements, resolve: () => resolve(), reject }]),
      ),
    read: async <Row>(statement: Statement) => database.read(statement) as Row[],
    link: () => {
      throw new Error('Nothing here commits from another thread');
    },
    close: async () => database.close(),
  };
}

/** What a start finds in the files: the statements of the graph, or the error with which it refuses them. */
export async function start(files: Files): Promise<string[] | GraphwrightError> {
  // A reader and an owner in one thread would keep each other out of the same file.
  await using inspected = await directoryOf(files);
  await using opened = await directoryOf(files);
  let state: ReturnType<typeof stateOf> | undefined;
  try {
    if (files['state.db-wal']?.length) assertLogWhole(join(inspected.path, 'state.db'));
    state = stateOf(join(opened.path, 'state.db'));
    await state.commit([...createJournal, ...createSnapshots]);
    const { statements, head } = await graphOf(state);
    await assertComplete(state, head.position);
    // What was found is fit to be written on.
    const row = nextRow(head, { removed: '', inserted: '<x:new> <x:p> "new" .\n' });
    await state.commit([appendRow(row)]);
    return statements;
  } catch (thrown) {
    return GraphwrightError.from(thrown);
  } finally {
    state?.database.close();
  }
}

async function graphOf(state: TestedState) {
  const engine = new Engine();
  const snapshot = await newestSnapshot(state);
  for (let number = 0; number < (snapshot?.pages ?? 0); number += 1)
    engine.restore(verifiedPage(await readPage(state, snapshot!, number)), snapshot!.head);
  let head = snapshot?.head ?? beginning;
  for (;;) {
    const rows = await state.read<JournalRow & Record<string, string | number>>(
      rowsAfter(head.position),
    );
    if (rows.length === 0) break;
    engine.replay(rows);
    head = rows.at(-1)!;
  }
  return { statements: [...engine.pages()].join('').split('\n').toSorted(), head };
}

/** Nothing here is about syncs, which take most of the time on a disk. */
const inMemory = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();

/** Writes files into a directory of their own, which goes with its scope. */
async function directoryOf(files: Files) {
  const path = await mkdtemp(join(inMemory, 'graphwright-damage-'));
  for (const [name, bytes] of Object.entries(files)) await writeFile(join(path, name), bytes);
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) };
}
