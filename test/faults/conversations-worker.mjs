// Talks in 20 conversations at once until it is killed: `node conversations-worker.mjs DIRECTORY COUNT`. Each
// counts to COUNT, and after every fifth number waits for an event. What was acknowledged is printed, a line
// each: the conversation, the number and the reply; then `idle`. What a process before it said last is said again.
import { join } from 'node:path';
import { openStateFile } from '../../dist/ontology/embedded/state-file.js';
import { compileSteps } from '../../dist/workflows/conversations/compile-steps.js';
import { Conversations } from '../../dist/workflows/conversations/engine/conversations.js';
import { ConversationStep } from '../../dist/workflows/conversations/step.js';
import { SqliteConversations } from '../../dist/workflows/conversations/storage/sqlite/sqlite-conversations.js';

const [directory, count] = process.argv.slice(2);
const tenant = 'torture';

class Count extends ConversationStep {
  name = 'count';
  events = ['tick'];

  execute({ content }, _session, { state, conversation }) {
    const numbers = [...(state.numbers ?? []), content];
    const response = `${numbers.length} numbers, the last ${content}`;
    const correlationId = `${conversation.id}-${numbers.length}`;
    if (numbers.length % 5 > 0) return { action: 'repeat', update: { numbers }, response };
    return {
      action: 'wait',
      event: { type: 'tick', correlationId },
      update: { numbers },
      response,
    };
  }

  handleEvent({ payload }, _session, { state }) {
    return { action: 'repeat', update: { ticks: [...(state.ticks ?? []), payload] } };
  }
}

const state = await openStateFile({ path: join(directory, 'state.db') });
const conversations = await Conversations.open({
  storage: await SqliteConversations.open(state),
  flows: [compileSteps({ id: 'count', name: 'Count', description: '', steps: [new Count()] })],
  settings: { idleTimeout: 1e9, maxWorkflowDuration: 1e9 },
});

const tick = (id, length) =>
  conversations.deliver(tenant, {
    type: 'tick',
    correlationId: `${id}-${length}`,
    id: 'only',
    payload: length,
  });

async function talk(id, index) {
  const key = { tenant, id };
  await conversations.start({ ...key, flow: 'count', session: { id } });
  const before = await conversations.status(key);
  const { numbers = [] } = before.state;
  if (before.status === 'waiting') await tick(id, numbers.length);
  for (let number = Math.max(0, numbers.length - 2); number < Number(count); number += 1) {
    // In every other conversation the event is there before anybody waits for it.
    if (index % 2 && number % 5 === 4) await tick(id, number + 1);
    const { replies } = await conversations.send(key, { id: `m${number}`, content: number });
    process.stdout.write(`${id} ${number} ${replies[0].content}\n`);
    const { status } = await conversations.status(key);
    if (status === 'waiting') await tick(id, number + 1);
  }
}

await Promise.all(Array.from({ length: 20 }, (_, index) => talk(`c${index}`, index)));
process.stdout.write('idle\n');
setInterval(() => undefined, 1000);
