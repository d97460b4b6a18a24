// One system in a process of its own: opens it, then does what the parent asks, one thing after the other.
import { setTimeout as sleep } from 'node:timers/promises';
import { empty, heldIn } from '../workflow.mjs';

const [module = '', directory = '', url = ''] = process.argv.slice(2);

/** Set once runs are to be held. @type {(() => void) | undefined} */
let onHeld;
/** @type {import('../workflow.mjs').Step} */
const step = (name) => {
  if (!onHeld || name !== heldIn) return empty(name);
  onHeld();
  return new Promise(() => undefined);
};

/** The parent may be gone. @param {{ value?: unknown, error?: string }} message */
const tell = (message) => process.connected && process.send?.(message);
const messageOf = (/** @type {unknown} */ thrown) =>
  thrown instanceof Error ? thrown.message : String(thrown);

let opened = 0;
/** @type {import('../systems/list.mjs').System} */
const system = await open().catch(async (thrown) => {
  await new Promise((told) => process.send?.({ error: messageOf(thrown) }, told));
  process.exit(1);
});

/** Also what it is made of may be missing here. */
async function open() {
  const found = await import(`../systems/${module}.mjs`);
  opened = performance.now();
  return found.open({ directory, url, step });
}

const handlers = {
  run: ({ id }) => system.run(id),
  /** Runs per second, while so many are under way at once. */
  async throughput({ atOnce, milliseconds, prefix }) {
    const start = performance.now();
    let count = 0;
    const lane = async (_, number) => {
      for (let turn = 0; performance.now() - start < milliseconds; turn += 1) {
        await system.run(`${prefix}-${number}-${turn}`);
        count += 1;
        // A system that does everything at once in the same turn would keep the others waiting.
        if (turn % 16 === 0) await sleep(0);
      }
    };
    await Promise.all(Array.from({ length: atOnce }, lane));
    return count / ((performance.now() - start) / 1000);
  },
  /** Resolves when all these runs are in the midst of their steps. */
  async hold({ ids }) {
    let held = 0;
    await new Promise((resolve, reject) => {
      onHeld = () => (held += 1) === ids.length && resolve(undefined);
      for (const id of ids) Promise.resolve(system.run(id)).catch(reject);
    });
    // What is still on its way to the disk gets there.
    await sleep(200);
  },
  /** Resolves when the runs have completed; gives the milliseconds since the system was opened. */
  async recover({ ids }) {
    await system.recover(ids);
    return performance.now() - opened;
  },
  wait: ({ count }) => system.wait?.(count),
  memory: () => process.memoryUsage.rss(),
  close: () => system.close(),
};

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
