import { describe, expect, it } from 'vitest';
import { compileSteps } from '../../../../src/workflows/conversations/compile-steps.ts';
import type { StepContext, StepResult } from '../../../../src/workflows/conversations/flow.ts';
import { Conversations } from '../../../../src/workflows/conversations/engine/conversations.ts';
import { FormStep } from '../../../../src/workflows/conversations/forms/form-conversation-step.ts';
import type { Session } from '../../../../src/workflows/conversations/conversation.ts';
import type { AcceptedMessage } from '../../../../src/workflows/conversations/message.ts';
import { MemoryConversations } from '../../../../src/workflows/conversations/storage/memory.ts';
import { formKit } from './form-kit.ts';

const form = {
  name: 'guest',
  confirm: false,
  fields: [
    { name: 'name', type: 'name', prompt: 'Who are you?' },
    { name: 'age', type: 'integer', prompt: 'How old are you?' },
  ],
} as const;

class Welcome extends FormStep {
  constructor() {
    super({ name: 'welcome', form });
  }

  override async execute(
    message: AcceptedMessage,
    session: Session,
    context: StepContext,
  ): Promise<StepResult> {
    const result = await super.execute(message, session, context);
    return result.action === 'continue'
      ? { ...result, action: 'complete', response: 'Welcome!' }
      : result;
  }
}

describe('L13 a form among step classes', () => {
  it('asks, collects and does more at its end', async () => {
    const storage = new MemoryConversations();
    const flow = compileSteps({
      id: 'hotel',
      name: 'Hotel',
      description: 'Welcomes guests.',
      steps: [new Welcome()],
    });
    const conversations = await Conversations.open({ storage, flows: [flow] });
    const key = { tenant: 't', id: 'c' };
    const { replies } = await conversations.start({ ...key, flow: 'hotel', session: { id: 's' } });
    expect(replies[0]!.content).toBe('Who are you?');
    await conversations.send(key, { content: "I'm Ada Lovelace" });
    const turn = await conversations.send(key, { content: 'thirty-six' });
    expect(turn).toMatchObject({ status: 'completed', replies: [{ content: 'Welcome!' }] });
    const { state } = await conversations.status(key);
    expect(state).toEqual({ guest: { name: 'Ada Lovelace', age: 36 } });
    await conversations.close();
    await storage.close();
  });
});

describe('L13 a form and the steps after it', () => {
  it('leads where its values say', async () => {
    await using kit = await formKit(form, {
      next: ({ age }) => (Number(age) < 18 ? 'end' : undefined),
      leadsTo: ['after', 'end'],
      update: ({ age }) => ({ isAdult: Number(age) >= 18 }),
    });
    await kit.start();
    await kit.say("I'm Ada Lovelace");
    await kit.say('12');
    expect(await kit.status()).toBe('completed');
    expect((await kit.conversations.status(kit.key)).state['isAdult']).toBe(false);
  });

  it('T35 takes a form up whose notes were made by another version of it', async () => {
    await using kit = await formKit(form);
    await kit.start();
    const { takeUp } = await import('../../../../src/workflows/conversations/forms/memo.ts');
    const stand = takeUp({ name: 'Ada', lc: 1 }, { stage: 'revived', failures: { lc: '1' } });
    expect(stand.values).toEqual({ name: 'Ada', lc: 1 });
    expect(stand.memo).toEqual({ stage: 'collect', failures: {}, skipped: [], reopened: [] });
  });
});
