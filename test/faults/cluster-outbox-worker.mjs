// A process that sends mail in runs: `cluster-outbox-worker.mjs URL DIRECTORY [dies]`, started with fork(). One that dies
// is killed by itself once a mail has been sent and before that is recorded.
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { outboxTransport } from '../../dist/integrations/email/outbox-transport.js';
import { ClusterRuns } from '../../dist/workflows/runs/cluster/cluster-runs.js';
import { Workflow } from '../../dist/workflows/workflow.js';

const [databaseUrl, directory, how] = process.argv.slice(2);
const transport = outboxTransport(join(directory, 'outbox'));
const person = { name: 'Test', address: 'test@example.org' };

class Mail extends Workflow {
  name = 'mail';
  description = 'Send a mail.';
  parameters = z.object({ onUnknown: z.enum(['repeat', 'hold']) });
  result = z.unknown();

  async run({ onUnknown }, run) {
    const date = run.now();
    const send = async ({ key, repeated }) => {
      const messageId = `${key.replaceAll(':', '.')}@example.org`;
      const mail = {
        messageId,
        from: person,
        to: person,
        subject: 's',
        html: 'h',
        text: 't',
        date,
      };
      const isNew = await transport.send(mail);
      appendFileSync(join(directory, 'ledger'), `${run.id} ${isNew} ${repeated}\n`);
      if (how === 'dies') process.kill(process.pid, 'SIGKILL');
      return messageId;
    };
    return run.effect('send', send, { onUnknown });
  }
}

const mail = new Mail({});
const runs = await ClusterRuns.open({ databaseUrl, workflows: [mail] });
await runs.resume();

const actions = {
  start: (onUnknown) => runs.start(mail, { onUnknown }),
  get: (id) => runs.get(id),
  wait: (id) => runs.wait(id, 20_000),
  signal: (id, signal) => runs.signal(id, signal),
};
process.on('message', async ({ number, action, words }) => {
  const answer = await actions[action](...words).then(
    (value) => ({ value }),
    (error) => ({ error: error.message }),
  );
  process.send({ number, ...answer });
});
process.send('ready');
