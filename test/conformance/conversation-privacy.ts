import { describe, expect, test } from 'vitest';
import { GraphwrightError } from '../../src/errors.ts';
import { ConversationSystem } from '../../src/workflows/conversations/system/conversation-system.ts';

/** A place where conversations are kept, empty. */
export interface PrivatePlace {
  /** The settings by which conversations are kept there. */
  readonly settings: object;
  /** All that lies there, as text. */
  readonly dump?: () => Promise<string>;
  readonly directory?: string;
  readonly close: () => Promise<void>;
}

const clerk = {
  respond: async () => {
    throw new Error('kumquat-failure');
  },
};

/** Asks for a city and a street, waits for a payment, and fails. */
const flow = {
  id: 'survey',
  name: 'Survey',
  settings: { encrypt_sensitive_data: false, max_retries: 0 },
  variables: { hidden: 'kumquat-variable' },
  steps: [
    { id: 'city', type: 'user_input', prompt: 'Which city?', input: { type: 'text' } },
    { id: 'street', type: 'user_input', prompt: 'Which street?', input: { type: 'text' } },
    { id: 'wait', type: 'wait_for_event', event: 'paid', correlation_id: 'order-1' },
    { id: 'thanks', type: 'agent_response', agent: 'clerk', prompt: 'About {city}.' },
  ],
};

const inClear = ['user', 'metadata', 'city', 'street', 'more', 'payload', 'variable', 'label'];

/** What must be true of every storage through the whole system (rows V20, V21; T21, T22). */
export function describePrivacy(name: string, open: () => Promise<PrivatePlace>): void {
  const inPlace = async (
    more: object,
    action: (system: ConversationSystem, place: PrivatePlace) => Promise<void>,
  ) => {
    const place = await open();
    const { settings, directory } = place;
    const given = {
      settings: { ...settings, ...more },
      flows: [flow],
      agents: { clerk },
      ...(directory !== undefined && { directory }),
    };
    try {
      await using system = await ConversationSystem.open(given);
      await action(system, place);
    } finally {
      await place.close();
    }
  };

  describe(`${name}, through a system`, () => {
    // Told once in the clear, so that the search is known to find what is there.
    test.for([false, true])(
      'V21 with encryption %s, what was said, found out or failed with is found on disk or is not',
      async (on, { skip }) => {
        const general = {
          enable_encryption: on,
          enable_compression: false,
          encryption_key: 'ab'.repeat(32),
        };
        await inPlace({ general }, async (system, { dump }) => {
          if (!dump) return skip();
          const session = { userId: 'kumquat-user', metadata: { name: 'kumquat-metadata' } };
          const { sessionId, tenant, id } = await system.startSession({ flow: 'survey', session });
          await system.send(sessionId, { content: 'kumquat-city' });
          await system.send(sessionId, {
            content: 'kumquat-street',
            metadata: { a: 'kumquat-more' },
          });
          const event = { type: 'paid', correlationId: 'order-2', payload: 'kumquat-payload' };
          await system.conversations.deliver(tenant, event);
          await system.conversations.deliver(tenant, { ...event, correlationId: 'order-1' });
          await system.conversations.rollback({ tenant, id }, { steps: 1 });
          const label = 'kumquat-label';
          await system.conversations.checkpoint({ tenant, id }, label);
          const [newest] = await system.conversations.checkpoints({ tenant, id });
          expect(newest).toMatchObject({ label });
          await system.conversations.rollback({ tenant, id }, { checkpoint: label });
          const { state } = await system.conversations.status({ tenant, id });
          expect(state).toMatchObject({ city: 'kumquat-city' });
          const found = await dump();
          expect(found).toContain('survey');
          expect(inClear.filter((word) => found.includes(`kumquat-${word}`))).toEqual(
            on ? [] : inClear,
          );
          expect(/kumquat|Which (city|street)/.test(found)).toBe(!on);
        });
      },
    );

    test('T21 T22 a tenant reads, resumes and guesses nothing of another one', async () => {
      await inPlace({}, async ({ conversations }) => {
        const start = (tenant: string, id: string) =>
          conversations.start({ tenant, id, flow: 'survey', session: { id: 's1' } });
        await start('tenant-b', 'same');
        const theirs = await start('tenant-b', 'secret');
        await conversations.send(theirs, { id: 'm1', content: 'kumquat' });
        const none = { tenant: 'tenant-a', id: 'secret' };
        const attempts: Promise<unknown>[] = [
          conversations.status(none),
          conversations.history(none),
          conversations.checkpoints(none),
          conversations.checkpoint(none),
          conversations.send(none, { id: 'm1', content: 'kumquat' }),
          conversations.skip(none),
          conversations.rollback(none, { steps: 1 }),
          conversations.pause(none),
          conversations.resume(none),
          conversations.cancel(none),
          conversations.delete(none),
          conversations.follow(none).next(),
          ...['*', 'tenant-%', '../tenant-b', "' OR '1'='1", 'tenant-b/secret'].map((tenant) =>
            conversations.status({ tenant, id: 'secret' }),
          ),
        ];
        const codes = (await Promise.allSettled(attempts)).map((each) =>
          each.status === 'rejected' ? GraphwrightError.from(each.reason).code : each.value,
        );
        expect(codes).toEqual(attempts.map(() => 'not_found'));
        expect((await conversations.list({ tenant: 'tenant-a' })).items).toEqual([]);
        // An id that is taken elsewhere is free here, and both live on side by side.
        const { version } = await start('tenant-a', 'same');
        expect(version).toBe(1);
        await conversations.send({ tenant: 'tenant-a', id: 'same' }, { content: 'mine' });
        expect(
          (await conversations.execute('survey', { content: 'mine' }, { id: 's1' }, 'tenant-a')).id,
        ).toBe('same');
        const theirState = await conversations.status(theirs);
        expect(theirState).toMatchObject({ version: 2, state: { city: 'kumquat' } });
        const event = { type: 'paid', correlationId: 'order-1', payload: 1 };
        await conversations.send(theirs, { content: 'street' });
        expect((await conversations.status(theirs)).status).toBe('waiting');
        expect((await conversations.deliver('tenant-c', event)).outcome).toBe('kept');
        expect((await conversations.status(theirs)).status).toBe('waiting');
      });
    });
  });
}
