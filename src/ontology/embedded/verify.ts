import { GraphwrightError } from '../../errors.ts';
import type { Verification } from '../store.ts';
import {
  readEnd,
  readTriggers,
  rowsAfter,
  verifyEnd,
  verifyRow,
  verifyTriggers,
  type JournalRow,
} from './journal.ts';
import { journalStart, newestSnapshot, readPage, verifiedPage } from './snapshot-rows.ts';
import type { StateFile } from './state-file.ts';

type Damage = NonNullable<Verification['damage']>;

/** Reads the file, the whole journal and the snapshot, and compares each with its checksum. */
export async function verifyState(state: StateFile): Promise<Verification> {
  const found: Damage[] = [];
  const check = async (place: Damage['place'], action: () => Promise<void>) => {
    try {
      await action();
    } catch (thrown) {
      const error = GraphwrightError.from(thrown);
      if (error.code !== 'store_damaged') throw error;
      found.push({ place, detail: error.message });
    }
  };
  const verification: Verification = { position: 0 };
  await check('file', () => wholeFile(state));
  await check('journal', () => wholeJournal(state, verification));
  await check('snapshot', () => wholeSnapshot(state, verification));
  return { ...verification, ...(found[0] && { damage: found[0] }) };
}

/** @throws GraphwrightError `store_damaged` when the journal goes further than what was read of it, or takes no more. */
export async function assertComplete(state: StateFile, position: number): Promise<void> {
  verifyEnd(position, await journalEnd(state));
  verifyTriggers(await state.read<{ name: string }>(readTriggers));
}

async function journalEnd(state: StateFile): Promise<number> {
  const [end] = await state.read<{ position: number }>(readEnd);
  return end?.position ?? 0;
}

async function wholeFile(state: StateFile): Promise<void> {
  const [row] = await state.read<{ quick_check: string }>({ sql: 'PRAGMA quick_check(1)' });
  if (row?.quick_check === 'ok') return;
  throw new GraphwrightError('store_damaged', `The state file is damaged: ${row?.quick_check}`);
}

async function wholeJournal(state: StateFile, verification: Verification): Promise<void> {
  // Before the rows, so that those which are written meanwhile are no surprise.
  const end = await journalEnd(state);
  let head = await journalStart(state);
  verification.position = head.position;
  for (;;) {
    const rows = await state.read<JournalRow & Record<string, string | number>>(
      rowsAfter(head.position),
    );
    if (rows.length === 0) return verifyEnd(head.position, end);
    for (const row of rows) {
      verifyRow(head, row);
      head = row;
      verification.position = row.position;
    }
  }
}

async function wholeSnapshot(state: StateFile, verification: Verification): Promise<void> {
  const snapshot = await newestSnapshot(state);
  if (!snapshot) return;
  for (let number = 0; number < snapshot.pages; number += 1)
    verifiedPage(await readPage(state, snapshot, number));
  verification.snapshot = snapshot.head.position;
}
