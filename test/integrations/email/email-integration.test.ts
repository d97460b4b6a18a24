import { createTransport } from 'nodemailer';
import PostalMime from 'postal-mime';
import { describe, expect, test } from 'vitest';
import { EmailIntegration } from '../../../src/integrations/email/email-integration.ts';
import type { TemplatedEmail } from '../../../src/integrations/email/email.ts';
import { messageOptions } from '../../../src/integrations/email/mail-transport.ts';
import { memoryTransport } from '../../../src/integrations/email/memory-transport.ts';
import { smtpTransport } from '../../../src/integrations/email/smtp-transport.ts';
import { mailServer } from './mail-server.ts';
import { emailThrough, mail } from './mails.ts';

describe('A11 a templated mail', () => {
  test('has a Message-ID that depends on its key alone, under the domain of the sender', () => {
    const [one, other] = [emailThrough(memoryTransport()), emailThrough(memoryTransport())];
    expect(one.messageId('feedback:1')).toMatch(/^[0-9a-f]{32}@example\.org$/);
    expect(one.messageId('feedback:1')).toBe(other.messageId('feedback:1'));
    expect(one.messageId('feedback:1')).not.toBe(one.messageId('feedback:2'));
  });

  test('goes out once, also when it is sent twice at the same moment', async () => {
    const outbox = memoryTransport();
    const email = emailThrough(outbox);
    await expect(email.wasSent(mail().key)).resolves.toBe(false);
    const both = [email.sendTemplatedEmail(mail()), email.sendTemplatedEmail(mail())];
    expect((await Promise.all(both)).map(({ sent }) => sent).toSorted()).toEqual([false, true]);
    expect(outbox.sent).toMatchObject([
      { messageId: email.messageId(mail().key), subject: 'RE: Schöne Lampe 🌞' },
    ]);
    await expect(email.wasSent(mail().key)).resolves.toBe(true);
  });

  test.each([
    ['Müller, Zoë'],
    ['"Zoë" <evil@example.net>'],
    ['evil@example.net, Zoë'],
    ['🌞'.repeat(50)],
  ])('goes to one recipient, whatever the name: %s', async (name) => {
    const outbox = memoryTransport();
    const recipient = { name, address: 'zoe@example.com' };
    await emailThrough(outbox).sendTemplatedEmail(mail({ recipient }));
    const { to, cc, bcc } = await PostalMime.parse(outbox.sent[0]!.raw);
    expect({ to, cc, bcc }).toEqual({ to: [{ name, address: 'zoe@example.com' }] });
  });

  test('without a name goes to the bare address', async () => {
    const outbox = memoryTransport();
    await emailThrough(outbox).sendTemplatedEmail(
      mail({ recipient: { address: 'z@example.com' } }),
    );
    expect(outbox.sent[0]!.raw).toContain('\r\nTo: z@example.com\r\n');
  });

  test('from a sender that is no mailbox is a mistake in the configuration', () => {
    const from = { address: 'care@example.org, evil@example.net' };
    expect(() => new EmailIntegration({ from, transport: memoryTransport() })).toThrow(
      expect.objectContaining({ code: 'invalid_configuration' }),
    );
  });
});

const evil: [string, string, Partial<TemplatedEmail>][] = [
  ...[
    'b@example.org, evil@example.net',
    'b@example.org;evil@example.net',
    'b@example.org\r\nBcc: evil@example.net',
    'b@example.org\nBcc:evil@example.net',
    'b@example.org\u0000',
    '<evil@example.net>',
    'Zoë <evil@example.net>',
    '"evil@example.net"@example.org',
    'team:evil@example.net;',
    '(x)b@example.org',
    'b@example.org evil@example.net',
    'b@[127.0.0.1]',
    'b',
    '',
    `${'b'.repeat(250)}@example.org`,
  ].map((address): [string, string, Partial<TemplatedEmail>] => [
    JSON.stringify(address).slice(0, 60),
    '/recipient/address',
    { recipient: { address } },
  ]),
  ...['Zoë\r\nBcc: evil@example.net', 'Zoë\u0007', 'Zoë\u0085', '\u202eeoZ', 'Z'.repeat(201)].map(
    (name): [string, string, Partial<TemplatedEmail>] => [
      `the name ${JSON.stringify(name).slice(0, 40)}`,
      '/recipient/name',
      { recipient: { name, address: 'zoe@example.com' } },
    ],
  ),
  ...['RE: x\r\nBcc: evil@example.net', 'a\nb', ' ', 'x'.repeat(501)].map(
    (subject): [string, string, Partial<TemplatedEmail>] => [
      `the subject ${JSON.stringify(subject).slice(0, 40)}`,
      '/subject',
      { subject },
    ],
  ),
];

describe('T29 a recipient, a name or a subject that would become more', () => {
  test.each(evil)('is refused before any connection: %s', async (_, pointer, changes) => {
    await using server = await mailServer();
    const transport = smtpTransport({ url: server.url });
    const sending = emailThrough(transport).sendTemplatedEmail(mail(changes));
    await expect(sending).rejects.toMatchObject({
      code: 'invalid_parameters',
      status: 400,
      problems: [{ pointer }],
    });
    transport.close();
    expect(server.connections()).toBe(0);
  });
});

describe('T30 files and web pages', () => {
  const composed = async () => {
    const outbox = memoryTransport();
    await emailThrough(outbox).sendTemplatedEmail(mail());
    return messageOptions(outbox.sent[0]!);
  };
  const composer = createTransport({ streamTransport: true, buffer: true });

  test.each([
    ['an attachment by path', { attachments: [{ path: '/etc/hostname' }] }, 'EFILEACCESS'],
    ['an attachment by URL', { attachments: [{ href: 'http://127.0.0.1:1/' }] }, 'EURLACCESS'],
    ['a body by path', { html: { path: '/etc/hostname' } }, 'EFILEACCESS'],
    ['a body by URL', { text: { href: 'http://127.0.0.1:1/' } }, 'EURLACCESS'],
  ])('%s is refused by the options that every mail has', async (_, part, code) => {
    await expect(composer.sendMail({ ...(await composed()), ...part })).rejects.toMatchObject({
      code,
    });
  });

  test('do not get into a mail through what a caller adds', async () => {
    const outbox = memoryTransport();
    const more = { attachments: [{ path: '/etc/hostname' }], bcc: 'evil@example.net' };
    await emailThrough(outbox).sendTemplatedEmail({ ...mail(), ...more });
    const { attachments, bcc } = await PostalMime.parse(outbox.sent[0]!.raw);
    expect({ attachments, bcc }).toEqual({ attachments: [], bcc: undefined });
    expect(outbox.sent[0]!.raw).not.toContain('evil');
  });
});
