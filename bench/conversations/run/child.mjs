// One system in a process of its own: opens it, then does what the parent asks, one thing after the other.
import { once } from 'node:events';
import { existsSync, openSync, readFileSync, writeSync } from 'node:fs';
import { createServer } from 'node:http';
import { setImmediate as others, setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { expected, message } from '../script.mjs';

const [module = '', directory = '', url = ''] = process.argv.slice(2);

/** The parent may be gone. @param {{ value?: unknown, error?: string }} told */
const tell = (told) => process.connected && process.send?.(told);
const messageOf = (/** @type {unknown} */ thrown) =>
  thrown instanceof Error ? thrown.message : String(thrown);

/** @type {import('../systems/list.mjs').System} */
const system = await open().catch(async (thrown) => {
  await new Promise((told) => process.send?.({ error: messageOf(thrown) }, told));
  process.exit(1);
});

/** Also what it is made of may be missing here. */
async function open() {
  const found = await import(`../systems/${module}.mjs`);
  return found.open({ directory, url });
}

/** A turn, and whether the reply was the one that it should get. @param {string} session @param {number} turn */
async function isRight(session, turn) {
  return (await system.say(session, message(turn), `m${turn}`)) === expected(turn);
}

/** @param {string} session @param {number} turn */
async function take(session, turn) {
  if (!(await isRight(session, turn)))
    throw new Error(`turn ${turn} of ${session} got another reply than it should`);
}

const handlers = {
  begin: ({ session }) => system.begin(session),
  /** Milliseconds of each turn, taken one after the other. */
  async talk({ session, from, to }) {
    const times = [];
    for (let turn = from; turn <= to; turn += 1) {
      const began = performance.now();
      await take(session, turn);
      times.push(performance.now() - began);
    }
    return times;
  },
  /** Turns a second with so many sessions that talk at once, and how long pings took before and meanwhile. */
  async many({ prefix, sessions, milliseconds }) {
    const names = await begun(prefix, sessions);
    const pings = await startPings();
    const idle = await pings.during(() => sleep(500));
    let rate = 0;
    const held = watchThread();
    const busy = await pings.during(async () => {
      const began = performance.now();
      let count = 0;
      await atOnce(names, async (session) => {
        for (let turn = 1; performance.now() - began < milliseconds; turn += 1) {
          await take(session, turn);
          count += 1;
          // A system that never waits would keep the other sessions waiting.
          await others();
        }
      });
      rate = count / ((performance.now() - began) / 1000);
    });
    await pings.close();
    return { rate, idle, busy, held: held() };
  },
  /** Sessions that talk until the process is killed; a line in a file for each turn that was answered. */
  async endless({ prefix, sessions, answered }) {
    const file = openSync(answered, 'a');
    const names = await begun(prefix, sessions);
    await atOnce(names, async (session, index) => {
      for (let turn = 1; ; turn += 1) {
        await take(session, turn);
        writeSync(file, `${index} ${turn}\n`);
        await others();
      }
    });
  },
  /** Each session sends the message of this turn, and `more` after it; which sessions got a wrong reply. */
  async goOn({ prefix, from, more = 0 }) {
    const wrong = new Set();
    await atOnce(from, async (first, index) => {
      for (let turn = first; turn <= first + more; turn += 1) {
        const right = await isRight(`${prefix}-${index}`, turn).catch(() => false);
        if (!right) return void wrong.add(index);
      }
    });
    return [...wrong];
  },
  close: () => system.close(),
};

/** @param {string} prefix @param {number} sessions */
async function begun(prefix, sessions) {
  const names = Array.from({ length: sessions }, (_, index) => `${prefix}-${index}`);
  await atOnce(names, (name) => system.begin(name));
  return names;
}

/** @template T @param {readonly T[]} all @param {(each: T, index: number) => Promise<unknown>} action */
const atOnce = (all, action) => Promise.all(all.map(action));

/**
 * Watches how long this thread is kept from others, in milliseconds of its own processor time, which a busy machine
 * does not lengthen. The function given back ends it, and tells the longest; undefined where only Linux can tell.
 */
function watchThread() {
  const path = `/proc/self/task/${process.pid}/schedstat`;
  if (!existsSync(path)) return () => undefined;
  const used = () => Number(readFileSync(path, 'latin1').split(' ')[0]) / 1e6;
  let [before, longest] = [used(), 0];
  const timer = setInterval(() => {
    const now = used();
    longest = Math.max(longest, now - before);
    before = now;
  }, 1);
  return () => {
    clearInterval(timer);
    return longest;
  };
}

/** A page in this thread, and another thread that asks for it. */
async function startPings() {
  const server = createServer((_, response) => response.end('pong')).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port: workerData } = /** @type {import('node:net').AddressInfo} */ (server.address());
  const pinger = new Worker(new URL('pinger.mjs', import.meta.url), { workerData });
  await once(pinger, 'online');
  return {
    /** Milliseconds of each. @param {() => Promise<unknown>} action @returns {Promise<number[]>} */
    async during(action) {
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker has no origin
      pinger.postMessage('begin');
      await action();
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker has no origin
      pinger.postMessage('end');
      return (await once(pinger, 'message'))[0];
    },
    async close() {
      await pinger.terminate();
      server.close();
    },
  };
}

process.on('message', async (/** @type {any} */ { type, ...request }) => {
  try {
    tell({ value: await handlers[type](request) });
  } catch (thrown) {
    tell({ error: messageOf(thrown) });
  }
  if (type === 'close') process.disconnect();
});
process.on('disconnect', () => process.exit());
tell({ value: 'up' });
