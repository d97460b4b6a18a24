import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Handle } from '../../shared/handle.mjs';
import { summary } from '../../shared/statistics.mjs';
import { rotated } from '../../shared/choose.mjs';

const child = new URL('child.mjs', import.meta.url).pathname;
const limit = 300_000;
/** How many turns of each system are taken before it is the next one's time. */
const slice = 50;
/** How often each system's time comes in a round. */
const slices = 4;
/** Turns that a process takes first when it goes on with a conversation. */
const warm = 5;
/** Turns of another conversation that each process takes before it is measured, so that its code is compiled. */
const before = 1500;

/**
 * @typedef {object} Subject a system, and where it keeps its conversations
 * @property {import('../systems/list.mjs').Listed} system
 * @property {string} directory
 * @property {import('./servers.mjs').Store} store
 * @property {(name: string, value: number) => void} note takes milliseconds, bytes or turns a second
 */

/** What one conversation takes on disk: after its first turn, an eighth of its turns, and all. */
export async function sizes(/** @type {Subject} */ subject, /** @type {number} */ turns) {
  const { system, note, store } = subject;
  if (system.keeps === 'memory') return;
  const sizeAfter = (/** @type {number} */ from, /** @type {number} */ to) =>
    within(subject, async (handle) => {
      if (from === 1) await handle.ask({ type: 'begin', session: 'long' }, limit);
      await handle.ask({ type: 'talk', session: 'long', from, to }, limit);
    }).then(async () => Number(await store.bytes()));
  const early = turns / 8;
  const first = await sizeAfter(1, 1);
  note('bytes a turn, early', ((await sizeAfter(2, early)) - first) / (early - 1));
  note('bytes a turn', ((await sizeAfter(early + 1, turns)) - first) / (turns - 1));
}

/**
 * The time of a turn in a short conversation and in a long one: all systems are open, and take turns.
 * @param {readonly Subject[]} subjects @param {number} turns @param {number} rounds
 * @param {(subject: Subject, action: () => Promise<void>) => Promise<void>} attempt keeps failures to their system
 */
export async function turnTimes(subjects, turns, rounds, attempt) {
  /** @type {{ subject: Subject, handle: Handle }[]} */
  const open = [];
  try {
    for (const subject of subjects)
      await attempt(subject, async () => {
        const handle = await started(subject);
        open.push({ subject, handle });
        await begin(handle, 'before', before);
        const last = turns + warm;
        if (subject.system.keeps === 'memory') await begin(handle, 'long', last);
        else await handle.ask({ type: 'talk', session: 'long', from: turns + 1, to: last }, limit);
      });
    const early = Math.max(0, turns / 8 - (slice * slices) / 2);
    let late = turns + warm + 1;
    for (let round = 0; round < rounds; round += 1) {
      for (const { subject, handle } of open)
        await attempt(subject, () => begin(handle, `short-${round}`, early));
      for (let index = 0; index < slices; index += 1, late += slice)
        for (const { subject, handle } of rotated(open, round * slices + index))
          await attempt(subject, async () => {
            const short = await talked(handle, `short-${round}`, early + 1 + index * slice);
            const long = await talked(handle, 'long', late);
            subject.note('turn', short);
            subject.note('turn, late', long);
            subject.note('late : early', long / short);
          });
    }
  } finally {
    await Promise.all(open.map(({ handle }) => handle.close()));
  }
}

/** Begins a conversation, and takes its turns up to this one. */
async function begin(/** @type {Handle} */ handle, /** @type {string} */ session, to = 0) {
  await handle.ask({ type: 'begin', session }, limit);
  if (to > 0) await handle.ask({ type: 'talk', session, from: 1, to }, limit);
}

/** The median time of the turns of a slice. */
async function talked(/** @type {Handle} */ handle, /** @type {string} */ session, from = 0) {
  const to = from + slice - 1;
  return summary(await handle.ask({ type: 'talk', session, from, to }, limit)).median;
}

/** How many sessions at once fare, and somebody else's requests meanwhile. */
export const many = (
  /** @type {Subject} */ subject,
  /** @type {{ prefix: string, sessions: number, milliseconds: number }} */ asked,
) =>
  within(subject, async (handle) => {
    const { rate, idle, busy, held } = await handle.ask({ type: 'many', ...asked }, limit);
    subject.note('turns a second', rate);
    if (held !== undefined) subject.note('held', held);
    subject.note('ping p50', percentile(busy, 0.5));
    subject.note('ping p99', percentile(busy, 0.99));
    subject.note('ping p99 before', percentile(idle, 0.99));
  });

/** Kills the process while sessions talk, and has each send what was not answered once more. */
export async function kill(
  /** @type {Subject} */ subject,
  /** @type {{ prefix: string, sessions: number }} */ { prefix, sessions },
) {
  const { directory, note, system } = subject;
  if (system.keeps === 'memory') return;
  const answered = join(directory, '..', `${system.module}-${prefix}.answered`);
  await within(subject, async (handle) => {
    // It never ends by itself; a reply that is wrong shows below.
    handle.ask({ type: 'endless', prefix, sessions, answered }, limit).catch(() => undefined);
    while (!existsSync(answered) || readFileSync(answered).length < sessions * 20) await sleep(5);
    await sleep(Math.random() * 50);
    await handle.kill();
  });
  const from = Array.from({ length: sessions }, () => 1);
  for (const line of readFileSync(answered, 'utf8').split('\n').slice(0, -1)) {
    const [index = 0, turn = 0] = line.split(' ').map(Number);
    from[index] = turn + 1;
  }
  const began = performance.now();
  await within(subject, async (handle) => {
    const wrong = await handle.ask({ type: 'goOn', prefix, from }, limit);
    note('recovery', performance.now() - began);
    const then = from.map((turn) => turn + 1);
    const later = await handle.ask({ type: 'goOn', prefix, from: then, more: 3 }, limit);
    note('wrong', new Set([...wrong, ...later]).size);
  });
}

/** @param {readonly number[]} times @param {number} share */
const percentile = (times, share) =>
  times.toSorted((a, b) => a - b)[Math.floor(times.length * share)] ?? Number.NaN;

async function started(/** @type {Subject} */ { system, directory, store }) {
  mkdirSync(directory, { recursive: true });
  const handle = new Handle(child, [system.module, directory, store.url], { directory });
  try {
    await handle.up(limit);
    return handle;
  } catch (thrown) {
    await handle.close();
    throw thrown;
  }
}

async function within(
  /** @type {Subject} */ subject,
  /** @type {(handle: Handle) => Promise<void>} */ action,
) {
  const handle = await started(subject);
  try {
    await action(handle);
  } finally {
    await handle.close();
  }
}
