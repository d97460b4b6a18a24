import { describe, expect, test } from 'vitest';
import { GraphwrightError } from '../../../src/errors.ts';
import { EmailIntegration } from '../../../src/integrations/email/email-integration.ts';
import type {
  ComposedMail,
  MailTransport,
} from '../../../src/integrations/email/mail-transport.ts';
import { feedbackKit } from '../../support/feedback.ts';

/** The edge of the outside world: a mail server that takes, refuses, or goes silent, as the test says. */
class MailServer implements MailTransport {
  readonly taken: ComposedMail[] = [];
  behaviour: 'take' | 'refuse' | 'vanish' | 'die' = 'take';
  remembers = false;

  async send(mail: ComposedMail): Promise<boolean> {
    if (this.behaviour === 'refuse') throw new GraphwrightError('integration_failed', 'Not now');
    this.taken.push(mail);
    if (this.behaviour === 'vanish')
      throw new GraphwrightError('delivery_unknown', 'Gone after DATA');
    // What a crash between sending and recording leaves behind.
    if (this.behaviour === 'die') await new Promise(() => undefined);
    return true;
  }

  async wasSent(messageId: string): Promise<boolean | undefined> {
    return this.remembers ? this.taken.some((mail) => mail.messageId === messageId) : undefined;
  }
}

const kitWith = (transport: MailTransport) =>
  feedbackKit({
    email: new EmailIntegration({ from: { address: 'care@example.org' }, transport }),
  });

const statuses = 'SELECT ?status WHERE { GRAPH ?g { ?m a gw:Message ; gw:status ?status } }';

describe('T31 an answer goes out at most once', () => {
  test('a mail that certainly did not go out leaves no trace and goes out on the next try', async () => {
    const mails = new MailServer();
    await using kit = await kitWith(mails);
    mails.behaviour = 'refuse';
    await expect(kit.handle()).rejects.toMatchObject({
      code: 'integration_failed',
      retriable: true,
    });
    expect(await kit.rows(statuses)).toEqual([]);
    mails.behaviour = 'take';
    await expect(kit.handle()).resolves.toMatchObject({ responseId: expect.any(String) });
    expect(mails.taken).toHaveLength(1);
  });

  test('a mail whose fate is unknown is marked for a person and not sent again', async () => {
    const mails = new MailServer();
    await using kit = await kitWith(mails);
    mails.behaviour = 'vanish';
    await expect(kit.handle()).rejects.toMatchObject({
      code: 'delivery_unknown',
      retriable: false,
    });
    mails.behaviour = 'take';
    await expect(kit.handle()).rejects.toMatchObject({ code: 'delivery_unknown' });
    expect(mails.taken).toHaveLength(1);
    expect(await kit.rows(statuses)).toMatchObject([{ status: { value: 'unknown' } }]);
  });

  test.each([
    ['sent' as const, true],
    ['unknown' as const, false],
  ])(
    'a mail that was under way at a crash ends as %s, by what the transport remembers',
    async (status, remembers) => {
      const mails = new MailServer();
      mails.remembers = remembers;
      await using kit = await kitWith(mails);
      mails.behaviour = 'die';
      void kit.handle();
      while (mails.taken.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
      mails.behaviour = 'take';
      const email = new EmailIntegration({
        from: { address: 'care@example.org' },
        transport: mails,
      });
      await using after = await feedbackKit({ store: kit.store, email });
      const outcome = await after
        .handle()
        .catch((error: GraphwrightError) => ({ code: error.code }));
      expect(outcome).toMatchObject(remembers ? { success: true } : { code: 'delivery_unknown' });
      expect(await kit.rows(statuses)).toMatchObject([{ status: { value: status } }]);
      expect(mails.taken).toHaveLength(1);
    },
  );
});
