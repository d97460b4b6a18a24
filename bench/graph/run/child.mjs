// One system in a process of its own: opens it, then does what the parent asks, one thing after the other.
import { check, kinds } from '../queries.mjs';
import { digest } from './digest.mjs';

const [module = '', directory = '', limit, size] = process.argv.slice(2);
/** @type {{ system: import('../systems/system.mjs').System }} */
const { system } = await import(`../systems/${module}.mjs`);
const running = await system.open(directory, Number(limit));
const target = { size: Number(size), named: system.named };

/** The parent may be gone. @param {{ value?: unknown, error?: string }} message */
const tell = (message) => process.connected && process.send?.(message);

/** @param {string} name */
const kindOf = (name) =>
  /** @type {import('../queries.mjs').Kind} */ (
    [...kinds, check].find((kind) => kind.name === name)
  );

const handlers = {
  /** Loads, unless it came up with its data, and tells how long that took. */
  async load({ file }) {
    const start = performance.now();
    if (!running.loaded) await running.load(file);
    return performance.now() - start;
  },
  settle: () => running.settle?.(),
  memory: async () => running.memory(),
  /** Answers to compare. */
  async answers({ kind, numbers }) {
    const { text, ordered = false } = kindOf(kind);
    const answers = [];
    for (const number of numbers)
      answers.push(digest(running.rows(await running.query(text(number, target))), ordered));
    return answers;
  },
  /** Milliseconds of each call; queries stop early once their time is used up, updates never. */
  async times({ kind, first, budget }) {
    const { text, form, calls } = kindOf(kind);
    const times = [];
    const until = performance.now() + budget;
    for (let call = 0; call < calls; call += 1) {
      if (form === 'select' && call > 0 && performance.now() > until) break;
      const words = text(first + call, target);
      const start = performance.now();
      await (form === 'select' ? running.query(words) : running.update(words));
      times.push(performance.now() - start);
    }
    return times;
  },
  close,
};

/** @type {Promise<void> | undefined} */
let closed;
function close() {
  closed ??= running.close();
  return closed;
}

process.on('message', async (/** @type {any} */ { type, ...request }) => {
  try {
    const handle = /** @type {Record<string, (request: any) => unknown>} */ (handlers)[type];
    const value = await handle?.(request);
    tell({ value });
  } catch (thrown) {
    tell({ error: thrown instanceof Error ? thrown.message : String(thrown) });
  }
  if (type === 'close') process.disconnect();
});
// Also when the parent is gone, as after Ctrl-C: a server must not stay behind.
process.on('disconnect', () => void close().finally(() => process.exit()));
tell({ value: 'up' });
