// One of several processes that share runs: `cluster-worker.mjs URL LEDGER MAX_PARALLEL CRASH_LIMIT ROLE`, started with
// fork(); as ROLE it `carries out` runs, or only `asks`.
// It calls the methods of the runs that it is asked for, and what the steps do goes to the ledger, a line each.
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { ClusterRuns } from '../../dist/workflows/runs/cluster/cluster-runs.js';
import { Workflow } from '../../dist/workflows/workflow.js';

const [databaseUrl, ledger, maxParallel, crashLimit, role] = process.argv.slice(2);
const note = (...words) =>
  appendFileSync(ledger, `${[Date.now(), process.pid, ...words].join(' ')}\n`);

/** How many lines of the ledger say this. */
const noted = (text) =>
  readFileSync(ledger, { encoding: 'utf8', flag: 'a+' }).split(text).length - 1;

class Made extends Workflow {
  description = 'For a test.';
  parameters = z.object({});
  result = z.unknown();

  constructor(name, body, policy = {}) {
    super({});
    this.name = name;
    this.body = body;
    this.policy = policy;
  }

  run(_, run) {
    return this.body(run);
  }
}

const step = (run, name, milliseconds) =>
  run.step(name, async () => {
    await sleep(milliseconds);
    note(name, run.id);
    return name;
  });

const workflows = [
  new Made('work', async (run) => {
    for (const name of ['one', 'two', 'three']) await step(run, name, 20);
  }),
  new Made(
    'narrow',
    (run) =>
      run.step('work', async () => {
        note('enter', run.id);
        await sleep(30);
        note('leave', run.id);
      }),
    { maxParallel: 3 },
  ),
  // Hangs in the process that accepted it, and goes on in any other.
  new Made('hang', async (run) => {
    const { pid } = await run.step('first', () => {
      note('first', run.id);
      return { pid: process.pid };
    });
    await run.step('second', ({ signal }) => {
      note('second', run.id);
      if (pid !== process.pid) return undefined;
      return new Promise((_, reject) =>
        signal.addEventListener('abort', () => {
          note('aborted', run.id);
          reject(signal.reason);
        }),
      );
    });
    return 'done';
  }),
  new Made('branches', async (run) => {
    const branch = async (name) => {
      const done = [];
      for (let index = 0; index < 4; index += 1)
        done.push(await step(run, `${name}${index}`, 30 * run.random()));
      return done.join('');
    };
    const sides = await Promise.all(['a', 'b', 'c'].map(branch));
    const items = Array.from({ length: 12 }, (_, index) => index);
    const outcomes = await run.batch(items, { maxParallel: 4, name: 'item' }, async (item) => {
      await sleep(60 * Math.random());
      note(`item${item}`, run.id);
      return item * 2;
    });
    return { sides, items: outcomes.map(({ result }) => result) };
  }),
  new Made('asking', async (run) => {
    run.progress(1, 2);
    return run.waitFor('answer');
  }),
  // Ends its process whenever it gets there, twice when it is armed and ten others are under way in it, until it is mended.
  new Made('killer', async (run) => {
    await step(run, 'first', 0);
    await run.step('second', async () => {
      if (existsSync(`${ledger}-mended`)) return;
      const beside = () => (existsSync(`${ledger}-armed`) ? noted(` ${process.pid} begin `) : 0);
      while (noted(' kill ') < 2 && beside() < 10) await sleep(5);
      note('kill', run.id);
      process.kill(process.pid, 'SIGKILL');
    });
  }),
  // Does not get on before that.
  new Made('beside', (run) =>
    run.step('only', async () => {
      note('begin', run.id);
      while (noted(' kill ') < 2) await sleep(5);
      await sleep(20);
      note('end', run.id);
    }),
  ),
  // Ends its process once in each of its steps.
  new Made('stumbling', async (run) => {
    for (const name of ['one', 'two', 'three'])
      await run.step(name, () => {
        if (noted(` fell-${name} `) > 0) return;
        note(`fell-${name}`, run.id);
        process.kill(process.pid, 'SIGKILL');
      });
  }),
];

const problems = [];
const runs = await ClusterRuns.open({
  databaseUrl,
  workflows,
  maxParallel: Number(maxParallel),
  crashLimit: Number(crashLimit),
  onError: ({ code, message }, { id }) => problems.push({ code, message, id }),
});
if (role !== 'asks') await runs.resume();

const actions = {
  start: (name) =>
    runs.start(
      workflows.find((each) => each.name === name),
      {},
    ),
  problems: async () => problems,
  get: (id) => runs.get(id),
  wait: (id) => runs.wait(id, 20_000),
  cancel: (id) => runs.cancel(id),
  resume: (id) => runs.resume(id),
  signal: (id, signal) => runs.signal(id, signal),
  close: () => runs.close().then(() => process.disconnect()),
  async follow(id) {
    const events = [];
    for await (const event of runs.follow(id)) events.push(event);
    return events;
  },
};

process.on('message', async ({ number, action, words }) => {
  const answer = await actions[action](...words).then(
    (value) => ({ value }),
    (error) => ({ error: error.message }),
  );
  if (process.connected) process.send({ number, ...answer });
});
process.send('ready');
