import { existsSync, readFileSync, statSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import Database from 'libsql';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { CommitLedger } from '../../../src/ontology/embedded/commit-ledger.ts';
import { DirectAccess } from '../../../src/ontology/embedded/direct-access.ts';
import { StateDatabase } from '../../../src/ontology/embedded/state-database.ts';
import { openStateFile, type StateFile } from '../../../src/ontology/embedded/state-file.ts';
import { Thread } from '../../../src/ontology/embedded/thread.ts';

const code = (expected: string) => expect.objectContaining({ code: expected });

const add = (id: number, text = '') => ({
  sql: 'INSERT INTO things VALUES (?, ?)',
  values: [id, text],
});

const refused = (reason: unknown) => expect.unreachable(String(reason));

const createThings = { sql: 'CREATE TABLE things (id INTEGER PRIMARY KEY, text TEXT)' };

/** In memory where there is such a directory: nothing else is quick on every machine. */
const quickDisk = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();

let directory: string;
let path: string;

beforeEach(async () => {
  directory = await mkdtemp(join(quickDisk, 'graphwright-direct-'));
  path = join(directory, 'state.db');
});
afterEach(() => rm(directory, { recursive: true }));

/** What another connection finds in the file at this very moment. */
function idsOnDisk(): number[] {
  const other = new Database(path);
  const rows = other.prepare('SELECT id FROM things ORDER BY id').all() as { id: number }[];
  other.close();
  return rows.map(({ id }) => id);
}

describe('a commit in the calling thread', () => {
  let owner: StateDatabase;
  let checkpoints: number;
  let commits: DirectAccess;

  const observe = (milliseconds: number, times = 8) => {
    for (let time = 0; time < times; time += 1) commits.observe(milliseconds);
  };

  /** Makes the first commit, once that is possible. */
  async function begun(first = add(1)): Promise<void> {
    observe(0.2);
    await expect.poll(() => commits.commit([first])).toBe(true);
  }

  beforeEach(async () => {
    const ledger = new CommitLedger();
    owner = new StateDatabase(path, { ledger });
    owner.commit([{ statements: [createThings], resolve: () => {}, reject: refused }]);
    checkpoints = 0;
    commits = new DirectAccess({ path, ledger, checkpoint: () => (checkpoints += 1) });
  });
  afterEach(async () => {
    await commits.close();
    owner.close();
  });

  test('is made once eight commits were quick', async () => {
    observe(0.2, 7);
    await sleep(50);
    expect(commits.commit([add(1)])).toBe(false);
    observe(0.2, 1);
    await expect.poll(() => commits.commit([add(1)])).toBe(true);
    expect(idsOnDisk()).toEqual([1]);
  });

  test.each([
    ['while commits take long', 2, 8],
    ['for a few commits after a pause of the disk, however long', 60_000, 1],
  ])('is not made %s, and is again then', async (_, milliseconds, times) => {
    await begun();
    observe(milliseconds, times);
    await sleep(5);
    expect(commits.commit([add(2)])).toBe(false);
    observe(0.1, 30);
    expect(commits.commit([add(2)])).toBe(true);
  });

  test('is made once in a turn of the event loop', async () => {
    await begun();
    expect(commits.commit([add(2)])).toBe(false);
    await Promise.resolve();
    expect(commits.commit([add(2)])).toBe(false);
    await sleep(1);
    expect(commits.commit([add(2)])).toBe(true);
  });

  test('is not made of many statements or of long texts', async () => {
    await begun();
    await sleep(1);
    expect(commits.commit(Array.from({ length: 17 }, (_, n) => add(n + 2)))).toBe(false);
    expect(commits.commit([add(2, 'x'.repeat(20_000))])).toBe(false);
    expect(commits.commit([add(2)])).toBe(true);
  });

  test('is all or nothing', async () => {
    await begun();
    await sleep(1);
    expect(() => commits.commit([add(2), add(3), add(1)])).toThrow(code('conflict'));
    expect(idsOnDisk()).toEqual([1]);
  });

  test('finds what was committed, and reads once in a turn as well', async () => {
    await begun(add(1, 'text'));
    const select = { sql: 'SELECT * FROM things WHERE id = ?', values: [1] };
    expect(commits.read(select)).toEqual([{ id: 1, text: 'text' }]);
    expect(commits.read(select)).toBeUndefined();
    await sleep(1);
    expect(commits.read(select)).toEqual([{ id: 1, text: 'text' }]);
  });

  test('is left to those who can wait while another program holds the file', async () => {
    await begun();
    await sleep(1);
    const shell = new Database(path);
    shell.exec('BEGIN IMMEDIATE');
    expect(commits.commit([add(2)])).toBe(false);
    shell.exec('ROLLBACK');
    shell.close();
    await sleep(1);
    expect(commits.commit([add(2)])).toBe(true);
  });

  test('counts on with the thread that has the file, and asks it to empty the log now and then', async () => {
    await begun(add(0));
    for (let id = 1; id < 250; id += 1) {
      await sleep(0);
      observe(0.1, 3);
      expect(commits.commit([add(id)])).toBe(true);
    }
    expect(checkpoints).toBe(1);
    const last = { statements: [add(250)], resolve: () => {}, reject: refused };
    owner.commit([last]);
    const [row] = owner.read({ sql: `SELECT position FROM newest WHERE sequence = 'commit'` });
    expect(row).toEqual({ position: 252 });
  });
});

describe('the state file on a quick disk', () => {
  let state: StateFile;

  beforeEach(async () => {
    state = await openStateFile({ path });
    await state.commit([createThings]);
  });
  afterEach(() => state.close());

  const ids = async () =>
    (await state.read<{ id: number }>({ sql: 'SELECT id FROM things ORDER BY rowid' })).map(
      ({ id }) => id,
    );

  /** Whether a text was written at this very moment; another connection would keep the file open. */
  const isLogged = (text: string) => readFileSync(`${path}-wal`).includes(text);

  /** Commits until one is on disk at the moment it is asked for; tells the ids of all of them. */
  async function warm(): Promise<number[]> {
    const made: number[] = [];
    for (let id = 1; ; id += 1) {
      made.push(id);
      const commit = state.commit([add(id, `thing ${id};`)], { brief: true });
      const direct = isLogged(`thing ${id};`);
      await commit;
      if (direct) return made;
      await sleep(1);
    }
  }

  test('makes brief commits in the calling thread, and any other in its own', async () => {
    let id = (await warm()).length;
    using direct = vi.spyOn(DirectAccess.prototype, 'commit');
    await state.commit([add((id += 1))]);
    expect(direct).not.toHaveBeenCalled();
    const brief = async () => {
      await state.commit([add((id += 1))], { brief: true });
      return direct.mock.results.at(-1)?.value as boolean;
    };
    await expect.poll(brief, { timeout: 30_000 }).toBe(true);
    expect(await ids()).toHaveLength(id);
  }, 60_000);

  /** How many of the commits that an action made went to the other thread. */
  async function byThread(action: () => Promise<unknown>): Promise<number> {
    using asked = vi.spyOn(Thread.prototype, 'call');
    await action();
    const requests = asked.mock.calls.map(([request]) => request as { type: string });
    return requests.filter(({ type }) => type === 'commit').length;
  }

  test('makes brief commits that follow each other at once in the calling thread, each in its turn', async () => {
    let id = (await warm()).length;
    const twenty = async () => {
      for (const last = id + 20; id < last;) await state.commit([add((id += 1))], { brief: true });
    };
    await expect.poll(() => byThread(twenty), { timeout: 30_000 }).toBe(0);
    expect(await ids()).toHaveLength(id);
  }, 60_000);

  test('leaves brief commits that come together to the other thread, all but the first', async () => {
    let id = (await warm()).length;
    const together = () =>
      Promise.all(
        Array.from({ length: 10 }, () => state.commit([add((id += 1))], { brief: true })),
      );
    await expect.poll(() => byThread(together), { timeout: 30_000 }).toBe(9);
    expect(await ids()).toEqual(Array.from({ length: id }, (_, n) => n + 1));
  }, 60_000);

  test('has a brief commit that waits for its turn made before what is asked after it', async () => {
    const made = await warm();
    const [first, second] = [made.length + 1, made.length + 2];
    const commits = [first, second].map((id) => state.commit([add(id)], { brief: true }));
    expect(await ids()).toEqual([...made, first, second]);
    await Promise.all(commits);
  }, 60_000);

  test('tells of a brief commit that fails in the turn after', async () => {
    const made = await warm();
    const commits = [made.length + 1, 1].map((id) => state.commit([add(id)], { brief: true }));
    await expect(commits[1]).rejects.toEqual(code('conflict'));
    await commits[0];
    expect(await ids()).toEqual([...made, made.length + 1]);
  }, 60_000);

  test('reads what was committed either way, in order', async () => {
    const made = await warm();
    const more = Array.from({ length: 40 }, (_, n) => made.length + 1 + n);
    const commits = more.map((id) => state.commit([add(id)], { brief: id % 3 > 0 }));
    expect(await ids()).toEqual([...made, ...more]);
    await Promise.all(commits);
  }, 60_000);

  test('reads with the calling thread too, when that is asked for', async () => {
    const made = await warm();
    const select = { sql: 'SELECT id FROM things WHERE id = ?', values: [made.length] };
    using direct = vi.spyOn(DirectAccess.prototype, 'read');
    await state.read(select);
    expect(direct).not.toHaveBeenCalled();
    expect(await state.read(select, { brief: true })).toEqual([{ id: made.length }]);
    expect(direct).toHaveBeenCalledOnce();
  }, 60_000);

  test('lets others have their turn between commits that follow each other at once', async () => {
    const made = await warm();
    let turns = 0;
    const counting = setInterval(() => (turns += 1), 1);
    const end = performance.now() + 100;
    for (let id = made.length + 1; performance.now() < end; id += 1)
      await state.commit([add(id)], { brief: true });
    clearInterval(counting);
    expect(turns).toBeGreaterThan(10);
  }, 60_000);

  test('keeps its log short', async () => {
    const made = await warm();
    for (let id = made.length + 1; id < 3000; id += 1) {
      await state.commit([add(id)], { brief: true });
      await sleep(0);
    }
    expect(statSync(`${path}-wal`).size).toBeLessThan(8 * 1024 * 1024);
  }, 120_000);

  test('keeps other processes out, and leaves neither log nor index behind when it is closed', async () => {
    const made = await warm();
    await expect(openStateFile({ path })).rejects.toEqual(code('data_in_use'));
    await state.close();
    expect((await readdir(directory)).toSorted()).toEqual([
      'state.db',
      'state.db-lock',
      'state.db-mark',
    ]);
    state = await openStateFile({ path });
    expect(await ids()).toEqual(made);
  }, 60_000);
});
