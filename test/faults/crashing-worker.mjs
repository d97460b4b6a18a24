// Carries out what the data directory holds: `node crashing-worker.mjs DIRECTORY [start|mended]`. With `start` it starts
// runs of which one kills the process in its second step, each time that step begins; when it is mended, no more. It prints
// `idle` once nothing is left to do.
import { z } from 'zod';
import { openEmbedded } from '../../dist/ontology/embedded/open-embedded.js';
import { EmbeddedRuns } from '../../dist/workflows/runs/embedded-runs.js';
import { Workflow } from '../../dist/workflows/workflow.js';

const [directory, how] = process.argv.slice(2);
const { state } = await openEmbedded({ directory });

let started;
const all = new Promise((resolve) => (started = resolve));

class Work extends Workflow {
  name = 'work';
  description = 'Do two steps.';
  parameters = z.object({ kills: z.boolean() });
  result = z.object({ done: z.boolean() });

  async run({ kills }, run) {
    await run.step('first', () => 1);
    await run.step('second', async () => {
      await all;
      if (kills && how !== 'mended') process.kill(process.pid, 'SIGKILL');
      // Under way whenever the process dies.
      await new Promise((resolve) => setTimeout(resolve, 50));
    });
    return { done: true };
  }
}

const work = new Work({});
// Two at a time: beside the one that kills another one is under way, and the rest waits for a turn.
const runs = await EmbeddedRuns.open({ state, workflows: [work], maxParallel: 2, crashLimit: 5 });
if (how === 'start')
  for (const id of ['before', 'killer', 'after-1', 'after-2'])
    await runs.start(work, { kills: id === 'killer' }, { id });
started();
await runs.resume();
if (how === 'mended') await runs.resume('killer');
for (;;) {
  const { items } = await runs.list({ status: ['started', 'processing', 'waiting'] });
  if (items.length === 0) break;
  await new Promise((resolve) => setTimeout(resolve, 20));
}
// An end is seen a moment before it is on disk.
await runs.close();
process.stdout.write('idle\n');
setInterval(() => undefined, 1000);
