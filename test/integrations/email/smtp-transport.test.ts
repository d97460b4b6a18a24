import { describe, expect, test } from 'vitest';
import { smtpTransport } from '../../../src/integrations/email/smtp-transport.ts';
import { mailServer, type Behaviour } from './mail-server.ts';
import { emailThrough, mail } from './mails.ts';

/** A server and what sends to it; waits are short, so that a test is. */
async function post(behaviour?: Behaviour, options?: Parameters<typeof mailServer>[1]) {
  const server = await mailServer(behaviour, options);
  const transport = smtpTransport({ url: server.url, timeout: 1000, baseDelay: 1 });
  const close = async () => {
    transport.close();
    await server[Symbol.asyncDispose]();
  };
  return { server, email: emailThrough(transport), transport, [Symbol.asyncDispose]: close };
}

describe('A11 mail over SMTP', () => {
  test('arrives with both parts, and with the headers that make it traceable', async () => {
    await using at = await post();
    const { messageId, sent } = await at.email.sendTemplatedEmail(mail());
    expect(sent).toBe(true);
    expect(at.server.taken).toHaveLength(1);
    const [{ from, to, parsed }] = at.server.taken as [(typeof at.server.taken)[0]];
    expect({ from, to }).toEqual({ from: 'care@example.org', to: ['zoe@example.com'] });
    expect(parsed).toMatchObject({
      subject: 'RE: Schöne Lampe 🌞',
      from: { name: 'Kundendienst Grün', address: 'care@example.org' },
      to: [{ name: 'Zoë Müller', address: 'zoe@example.com' }],
      messageId: `<${messageId}>`,
      date: '2026-03-01T12:00:00.000Z',
      attachments: [],
    });
    expect(parsed.html).toContain('Dear Zoë Müller,');
    expect(parsed.text).toContain('Dear Zoë Müller,');
    expect(parsed.text).not.toContain('<');
    const headers = Object.fromEntries(parsed.headers.map(({ key, value }) => [key, value]));
    expect(headers['auto-submitted']).toBe('auto-replied');
    expect(headers['content-type']).toMatch(/^multipart\/alternative/);
  });

  test('many go over a few connections, each once', async () => {
    await using at = await post();
    const keys = Array.from({ length: 30 }, (_, number) => `feedback:${number}`);
    await Promise.all(keys.map((key) => at.email.sendTemplatedEmail(mail({ key }))));
    const ids = at.server.taken.map(({ parsed }) => parsed.messageId);
    expect(new Set(ids)).toEqual(new Set(keys.map((key) => `<${at.email.messageId(key)}>`)));
    expect(ids).toHaveLength(30);
    expect(at.server.connections()).toBeLessThanOrEqual(5);
  });

  test('cannot be asked whether a mail went out', async () => {
    await using at = await post();
    await at.email.sendTemplatedEmail(mail());
    await expect(at.email.wasSent(mail().key)).resolves.toBeUndefined();
  });

  test('a mail that the server puts off is tried again, and goes out once', async () => {
    await using at = await post((number) => (number === 1 ? 451 : 'take'));
    await expect(at.email.sendTemplatedEmail(mail())).resolves.toMatchObject({ sent: true });
    expect(at.server.taken).toHaveLength(2);
    const [first, second] = at.server.taken;
    expect(first?.parsed.messageId).toBe(second?.parsed.messageId);
  });

  test('a server that puts every try off has failed, and may be tried later', async () => {
    await using at = await post(() => 451);
    await expect(at.email.sendTemplatedEmail(mail())).rejects.toMatchObject({
      code: 'integration_failed',
      retriable: true,
    });
    expect(at.server.taken).toHaveLength(3);
  });

  test('a mail that the server refuses for good is not tried again', async () => {
    await using at = await post(() => 554);
    await expect(at.email.sendTemplatedEmail(mail())).rejects.toMatchObject({
      code: 'integration_refused',
      retriable: false,
    });
    expect(at.server.taken).toHaveLength(1);
  });

  test('a recipient that the server does not know is refused, before any text', async () => {
    await using at = await post(undefined, {
      authOptional: true,
      disabledCommands: ['STARTTLS', 'AUTH'],
      onRcptTo: (_, __, done) => done(Object.assign(new Error('Who?'), { responseCode: 550 })),
    });
    await expect(at.email.sendTemplatedEmail(mail())).rejects.toMatchObject({
      code: 'integration_refused',
    });
    expect(at.server.taken).toEqual([]);
    expect(at.server.connections()).toBe(1);
  });

  test('where nobody listens it has certainly failed, and may be tried later', async () => {
    const server = await mailServer();
    await server[Symbol.asyncDispose]();
    const transport = smtpTransport({ url: server.url, attempts: 2, baseDelay: 1 });
    await expect(emailThrough(transport).sendTemplatedEmail(mail())).rejects.toMatchObject({
      code: 'integration_failed',
      retriable: true,
    });
    transport.close();
  });
});

describe('T31 a server that takes a mail and never says so', () => {
  test.each(['drop', 'silence'] as const)(
    'by %s: the fate is unknown, and it is not sent again',
    async (what) => {
      await using at = await post(() => what);
      await expect(at.email.sendTemplatedEmail(mail())).rejects.toMatchObject({
        code: 'delivery_unknown',
        retriable: false,
      });
      // Longer than any wait between attempts, of ours or of the connection pool.
      await new Promise((resolve) => setTimeout(resolve, 500));
      expect(at.server.taken).toHaveLength(1);
    },
  );

  test('on a connection that had carried mail before: the same', async () => {
    await using at = await post((number) => (number === 2 ? 'drop' : 'take'));
    await at.email.sendTemplatedEmail(mail({ key: 'first' }));
    await expect(at.email.sendTemplatedEmail(mail({ key: 'second' }))).rejects.toMatchObject({
      code: 'delivery_unknown',
    });
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(at.server.taken).toHaveLength(2);
    await expect(at.email.sendTemplatedEmail(mail({ key: 'third' }))).resolves.toMatchObject({
      sent: true,
    });
  });
});

describe('A11 a cancelled run', () => {
  test('does not connect', async () => {
    await using at = await post();
    await expect(at.email.sendTemplatedEmail(mail(), AbortSignal.abort())).rejects.toMatchObject({
      code: 'cancelled',
    });
    expect(at.server.connections()).toBe(0);
  });

  test('lets go of a server that is slow to greet, and the mail does not go out', async () => {
    await using at = await post(undefined, {
      authOptional: true,
      disabledCommands: ['STARTTLS', 'AUTH'],
      onConnect: (_, done) => void setTimeout(done, 300),
    });
    const sending = at.email.sendTemplatedEmail(mail(), AbortSignal.timeout(50));
    await expect(sending).rejects.toMatchObject({ code: 'cancelled' });
    await new Promise((resolve) => setTimeout(resolve, 600));
    expect(at.server.taken).toEqual([]);
  });

  test('waits for the answer to a mail that is handed over', async () => {
    const cancel = new AbortController();
    await using at = await post(() => {
      cancel.abort();
      return 'take';
    });
    const sending = at.email.sendTemplatedEmail(mail(), cancel.signal);
    await expect(sending).resolves.toMatchObject({ sent: true });
  });
});
