// Carries out runs until it is killed: `node runs-worker.mjs DIRECTORY NAME COUNT`. It prints the id of each
// run once its start is acknowledged, and `idle` when nothing is left to do. What the steps do goes to the
// file `ledger`, a line each.
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { outboxTransport } from '../../dist/integrations/email/outbox-transport.js';
import { openEmbedded } from '../../dist/ontology/embedded/open-embedded.js';
import { sparql } from '../../dist/ontology/sparql.js';
import { iri } from '../../dist/ontology/terms.js';
import { EmbeddedRuns } from '../../dist/workflows/runs/embedded-runs.js';
import { Workflow } from '../../dist/workflows/workflow.js';

const [directory, name, count] = process.argv.slice(2);
const transport = outboxTransport(join(directory, 'outbox'));
const graph = iri('urn:test:graph');
const note = (...words) => appendFileSync(join(directory, 'ledger'), `${words.join(' ')}\n`);

const began = performance.now();
const { store, state } = await openEmbedded({ directory });

/** What no two executions write alike. */
const write = (run, step) =>
  store.update(sparql`INSERT { GRAPH ${graph} { ?new ${iri(`urn:test:${step}`)} ${run.id} } }
    WHERE { BIND (UUID() AS ?new) }`);

class Torture extends Workflow {
  name = 'torture_runs';
  description = 'Do a bit of everything.';
  parameters = z.object({});
  result = z.object({ answer: z.string() });

  async run(_, run) {
    const at = run.now().getTime();
    const id = run.uuid();
    await run.step('first', async () => {
      note(run.id, 1, id, at);
      await write(run, 'first');
    });
    await run.step('reading', async () => {
      note(run.id, 2, id, at);
      await write(run, 'reading');
      await store.ask(sparql`ASK { GRAPH ${graph} { ?s ?p ${run.id} } }`);
      await write(run, 'after');
    });
    await Promise.all([
      run.step('left', () => note(run.id, 3, id, at)),
      run.step('right', () => note(run.id, 3, id, at)),
    ]);
    await run.effect(
      'mail',
      async ({ key }) => {
        note(run.id, 4, id, at);
        const person = { name: 'Test', address: 'test@example.org' };
        const messageId = `${key.replaceAll(':', '.')}@example.org`;
        const mail = { messageId, from: person, to: person, subject: 's', html: 'h', text: 't' };
        if (await transport.send({ ...mail, date: new Date(at) })) note(run.id, 'sent', id, at);
      },
      { onUnknown: 'repeat' },
    );
    await run.sleep(20);
    const answer = await run.waitFor('answer');
    return run.step('last', () => {
      note(run.id, 5, id, at);
      return { answer };
    });
  }
}

const torture = new Torture({});
const runs = await EmbeddedRuns.open({ state, workflows: [torture], patience: 10 });
const resumed = await runs.resume();
note('boot', Math.round(performance.now() - began), resumed);

const answer = async ({ id }) => {
  const { status } = (await runs.get(id)) ?? {};
  if (status !== 'completed') await runs.signal(id, { name: 'answer', id: 'only', payload: id });
};
const signalled = new Set();
const signalOthers = async () => {
  const { items } = await runs.list({ status: ['started', 'processing', 'waiting'], limit: 1000 });
  for (const item of items)
    if (!signalled.has(item.id)) {
      signalled.add(item.id);
      await answer(item).catch((error) => {
        if (error.code !== 'conflict') throw error;
      });
    }
  return items.length;
};

for (let index = 0; index < Number(count); index += 1) {
  const { id } = await runs.start(
    torture,
    {},
    { id: `${name}-${index}`, idempotencyKey: `${name}-${index}` },
  );
  process.stdout.write(`${id}\n`);
  if (index % 4 === 3) await signalOthers();
}
while ((await signalOthers()) > 0) await new Promise((resolve) => setTimeout(resolve, 20));
process.stdout.write('idle\n');
setInterval(() => undefined, 1000);
