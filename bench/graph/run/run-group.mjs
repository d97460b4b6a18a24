import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { check, kinds } from '../queries.mjs';
import { Ended, Handle } from '../../shared/handle.mjs';
import { summary } from '../../shared/statistics.mjs';

/**
 * What was measured of one system; times in milliseconds, memory in bytes.
 * @typedef {object} Measured
 * @property {import('../../shared/statistics.mjs').Summary} [load]
 * @property {import('../../shared/statistics.mjs').Summary} [start] From nothing to the first answer, with its own files
 * if it keeps any and from the N-Triples if not.
 * @property {number} [memory] After the load.
 * @property {number} [memoryAfterStart]
 * @property {Record<string, import('../../shared/statistics.mjs').Summary>} kinds
 * @property {Record<string, { rows: number, digest: string }[]>} answers
 * @property {Record<string, string>} failures By kind, or `load`, or `start`: why there is no number.
 */

/**
 * @typedef {object} Settings
 * @property {string} file the data; each system gets a directory beside it
 * @property {number} size what the data was generated for
 * @property {number} loads how often each system loads the data, into a fresh directory
 * @property {number} rounds
 * @property {number} starts
 * @property {number} limit milliseconds for the calls of one kind in one round
 * @property {number} loadLimit milliseconds
 * @property {number} budget milliseconds of a round after which queries of one kind stop
 * @property {(line: string) => void} say
 */

const child = new URL('child.mjs', import.meta.url).pathname;
const upLimit = 120_000;
/** Requests that no round makes. */
const verified = { quick: [100_003, 100_004, 100_005, 100_006, 100_007], slow: [100_003] };

/**
 * Runs some systems side by side: they take turns at every kind in every round.
 * @param {readonly import('../systems/list.mjs').Listed[]} listed
 * @param {Settings} settings
 * @returns {Promise<Record<string, Measured>>}
 */
export async function runGroup(listed, settings) {
  const entrants = await Promise.all(listed.map((system) => entrant(system, settings)));
  try {
    for (let pass = 1; pass <= settings.loads; pass += 1)
      for (const one of entrants) {
        if (pass > 1) await renew(one, settings);
        await load(one, settings);
      }
    for (const kind of kinds) if (kind.form === 'select') await compare(entrants, kind, settings);
    await rounds(entrants, settings);
    await compare(entrants, check, settings);
    for (const one of entrants) await one.handle.close();
    for (const one of entrants) await starts(one, settings);
  } finally {
    for (const { handle, directory } of entrants) {
      await handle.close();
      await rm(directory, { recursive: true, force: true });
    }
  }
  return Object.fromEntries(entrants.map(({ system, measured }) => [system.module, measured]));
}

/** @typedef {Awaited<ReturnType<typeof entrant>>} Entrant */

/** @param {import('../systems/list.mjs').Listed} system @param {Settings} settings */
async function entrant(system, settings) {
  const directory = await mkdtemp(join(dirname(settings.file), `${system.module}-`));
  const handle = open(system, directory, settings);
  /** @type {Measured} */
  const measured = { kinds: {}, answers: {}, failures: {} };
  /** @type {Record<string, number[]>} */
  const times = {};
  return { system, directory, handle, measured, times };
}

/** @param {import('../systems/list.mjs').Listed} system @param {string} directory @param {Settings} settings */
function open({ module }, directory, { limit, size }) {
  return new Handle(child, [module, directory, String(limit), String(size)], {
    directory,
    // The default heap would be the first to run out at 5 M statements.
    flags: ['--max-old-space-size=12288'],
  });
}

/** Throws away what was loaded. @param {Entrant} one @param {Settings} settings */
async function renew(one, settings) {
  if (one.measured.failures.load) return;
  await one.handle.close();
  await rm(one.directory, { recursive: true });
  await mkdir(one.directory);
  one.handle = open(one.system, one.directory, settings);
}

/** @param {Entrant} one @param {Settings} settings */
async function load(one, { file, loadLimit, say }) {
  if (one.measured.failures.load) return;
  await attempt(one, 'load', async ({ handle, measured, times }) => {
    await handle.up(upLimit);
    const took = await handle.ask({ type: 'load', file }, loadLimit);
    measured.load = summary((times.load = [...(times.load ?? []), took]));
    measured.memory = await handle.ask({ type: 'memory' }, loadLimit);
    await handle.ask({ type: 'settle' }, loadLimit);
  });
  const { failures } = one.measured;
  if (failures.load) await one.handle.close();
  const seconds = (one.times.load?.at(-1) ?? 0) / 1000;
  say(`${one.system.label}: ${failures.load ?? `loaded in ${seconds.toFixed(1)} s`}`);
}

/** Has each system answer the same questions; this warms it up as well. */
async function compare(
  /** @type {Entrant[]} */ entrants,
  /** @type {import('../queries.mjs').Kind} */ { name: kind, calls },
  /** @type {Settings} */ { limit },
) {
  const numbers = calls > 10 ? verified.quick : verified.slow;
  for (const one of entrants)
    if (asks(one, kind) || kind === check.name)
      await attempt(one, kind, async ({ handle, measured }) => {
        measured.answers[kind] = await handle.ask({ type: 'answers', kind, numbers }, limit);
      });
}

async function rounds(
  /** @type {Entrant[]} */ entrants,
  /** @type {Settings} */ { rounds: count, limit, budget, say },
) {
  for (let round = 0; round < count; round += 1) {
    say(`round ${round + 1} of ${count}`);
    for (const { name: kind, calls } of kinds)
      for (const one of entrants)
        if (asks(one, kind))
          await attempt(one, kind, async ({ handle, times }) => {
            const request = { type: 'times', kind, first: round * calls, budget };
            (times[kind] ??= []).push(...(await handle.ask(request, limit)));
          });
  }
  for (const { times, measured } of entrants)
    for (const { name } of kinds)
      if (times[name]?.length && !measured.failures[name])
        measured.kinds[name] = summary(times[name]);
}

/** @param {Entrant} one @param {string} kind */
const asks = ({ system: { only }, measured: { failures } }, kind) =>
  !failures.load && !failures[kind] && (!only || only.includes(kind));

/** Starts it again, and again, from what it has on disk. @param {Entrant} one @param {Settings} settings */
async function starts(one, settings) {
  const { file, loadLimit, starts: count, limit, say } = settings;
  if (one.measured.failures.load || one.system.only) return;
  const times = [];
  for (let start = 0; start < count; start += 1)
    await attempt(one, 'start', async ({ system, directory, measured }) => {
      const began = performance.now();
      one.handle = open(system, directory, settings);
      await one.handle.up(upLimit);
      await one.handle.ask({ type: 'load', file }, loadLimit);
      await one.handle.ask({ type: 'answers', kind: 'point', numbers: [0] }, limit);
      times.push(performance.now() - began);
      measured.memoryAfterStart = await one.handle.ask({ type: 'memory' }, limit);
      await one.handle.close();
    });
  if (times.length > 0) one.measured.start = summary(times);
  say(`${one.system.label}: started ${times.length} times`);
}

/** Notes why something failed, and goes on with the rest. */
async function attempt(
  /** @type {Entrant} */ one,
  /** @type {string} */ what,
  /** @type {(one: Entrant) => Promise<void>} */ action,
) {
  try {
    await action(one);
  } catch (thrown) {
    const { message } = /** @type {Error} */ (thrown);
    one.measured.failures[what] ??= thrown instanceof Ended ? message : `fails: ${message}`;
  }
}
