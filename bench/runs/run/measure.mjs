import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Handle } from '../../shared/handle.mjs';

const child = new URL('child.mjs', import.meta.url).pathname;
const limit = 60_000;

export const levels = [1, 10, 100];
/** How many runs are unfinished when a process is killed. */
export const unfinished = 100;
/** How many runs wait at once. */
export const waiting = 10_000;

/**
 * @typedef {object} Round
 * @property {string} directory for this system in this round alone
 * @property {string} url of a database for this system in this round alone, or nothing
 * @property {number} milliseconds of each throughput
 * @property {(name: string, value: number) => void} note takes runs a second, milliseconds or bytes
 */

/**
 * Measures one system once.
 * @param {import('../systems/list.mjs').Listed} system
 * @param {Round} round
 */
export async function measure(system, round) {
  mkdirSync(round.directory);
  try {
    await throughput(system, round);
    await recovery(system, round);
    if (system.waits) await waits(system, round);
  } finally {
    rmSync(round.directory, { recursive: true, force: true });
  }
}

/** @param {import('../systems/list.mjs').Listed} system @param {Round} round */
const throughput = ({ module }, { directory, url, milliseconds, note }) =>
  within(module, directory, url, async (handle) => {
    for (const atOnce of levels) {
      const ask = (/** @type {number} */ time, /** @type {string} */ prefix) =>
        handle.ask({ type: 'throughput', atOnce, milliseconds: time, prefix }, limit);
      await ask(milliseconds / 4, `warm-${atOnce}`);
      note(`at ${atOnce}`, await ask(milliseconds, `at-${atOnce}`));
    }
  });

/** Starts it again on what it has kept, kills it in the midst of its runs, and starts it once more. */
async function recovery(
  /** @type {import('../systems/list.mjs').Listed} */ { module, floor },
  /** @type {Round} */ { directory, url, note },
) {
  const ids = Array.from({ length: unfinished }, (_, index) => `held-${index}`);
  const began = performance.now();
  await within(module, directory, url, async (handle) => {
    await handle.ask({ type: 'run', id: 'first' }, limit);
    note('start', performance.now() - began);
    await sleep(1000);
    note('rest', await memory(handle));
    if (floor) return;
    await handle.ask({ type: 'hold', ids }, limit);
    await handle.kill();
  });
  if (floor) return;
  const again = performance.now();
  await within(module, directory, url, async (handle) => {
    note('recovery, opened', await handle.ask({ type: 'recover', ids }, limit));
    note('recovery', performance.now() - again);
  });
}

const memory = (/** @type {Handle} */ handle) => handle.ask({ type: 'memory' }, limit);

/** @param {import('../systems/list.mjs').Listed} system @param {Round} round */
async function waits({ module }, { directory: parent, url, note }) {
  const directory = join(parent, 'waiting');
  mkdirSync(directory);
  await within(module, directory, url, async (handle) => {
    await handle.ask({ type: 'wait', count: waiting }, limit);
    note('waiting', await memory(handle));
    // Only then does V8 give back what the burst has left behind.
    await sleep(60_000);
    note('waiting, later', await memory(handle));
  });
  await within(module, directory, url, async (handle) => {
    await sleep(1000);
    note('waiting, started again', await memory(handle));
  });
}

/**
 * @param {string} module @param {string} directory @param {string} url
 * @param {(handle: Handle) => Promise<void>} action
 */
async function within(module, directory, url, action) {
  const handle = new Handle(child, [module, directory, url], { directory });
  try {
    await handle.up(limit);
    await action(handle);
  } finally {
    await handle.close();
  }
}
