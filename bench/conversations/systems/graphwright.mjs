import { compileSteps } from '../../../dist/workflows/conversations/compile-steps.js';
import { Conversations } from '../../../dist/workflows/conversations/engine/conversations.js';
import { ConversationStep } from '../../../dist/workflows/conversations/step.js';
import { answer, noOrder, steps } from '../script.mjs';

/** One question of the script. */
class Ask extends ConversationStep {
  leadsTo = [steps[0]];

  constructor(name) {
    super();
    this.name = name;
  }

  execute({ content }, _session, { state }) {
    const { reply, update, next } = answer(this.name, state, content);
    return { action: 'jump', nextStep: next, update, response: reply };
  }
}

/**
 * What all storages do alike.
 * @param {import('../../../dist/workflows/conversations/storage/storage.js').ConversationStorage} storage
 * @param {() => Promise<unknown>} close
 */
export async function over(storage, close) {
  const conversations = await Conversations.open({
    storage,
    flows: [
      compileSteps({
        id: 'orders',
        name: 'Orders',
        description: 'Takes orders.',
        steps: steps.map((name) => new Ask(name)),
        variables: noOrder,
      }),
    ],
    settings: { maxConcurrentSessions: 100_000 },
  });
  return {
    begin: (id) =>
      conversations.start({ tenant: 'bench', flow: 'orders', id, session: { id: `s-${id}` } }),
    async say(session, content, id) {
      const turn = await conversations.send({ tenant: 'bench', id: session }, { id, content });
      return turn.replies[0]?.content ?? turn.error?.message ?? '';
    },
    async close() {
      await conversations.close();
      await storage.close();
      await close();
    },
  };
}
