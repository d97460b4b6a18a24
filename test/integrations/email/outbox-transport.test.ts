import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import PostalMime from 'postal-mime';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { outboxTransport } from '../../../src/integrations/email/outbox-transport.ts';
import { emailThrough, mail } from './mails.ts';

let parent: string;
let outbox: string;
beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'graphwright-outbox-'));
  outbox = join(parent, 'outbox');
});
afterEach(() => rm(parent, { recursive: true }));

const email = () => emailThrough(outboxTransport(outbox));

describe('A11 the outbox', () => {
  test('holds each mail as a file that mail programs open, named by its Message-ID', async () => {
    const { messageId, sent } = await email().sendTemplatedEmail(mail());
    expect(sent).toBe(true);
    expect(await readdir(outbox)).toEqual([`${messageId}.eml`]);
    const parsed = await PostalMime.parse(await readFile(join(outbox, `${messageId}.eml`)));
    expect(parsed).toMatchObject({
      messageId: `<${messageId}>`,
      subject: 'RE: Schöne Lampe 🌞',
      from: { name: 'Kundendienst Grün', address: 'care@example.org' },
      to: [{ name: 'Zoë Müller', address: 'zoe@example.com' }],
      date: '2026-03-01T12:00:00.000Z',
    });
    expect(parsed.html).toContain('It shines 🌞');
    expect(parsed.text).toContain('It shines 🌞');
    const autoSubmitted = parsed.headers.find(({ key }) => key === 'auto-submitted');
    expect(autoSubmitted?.value).toBe('auto-replied');
  });

  test('gets the same mail once, also from another process and with other words', async () => {
    const { messageId } = await email().sendTemplatedEmail(mail());
    const before = await readFile(join(outbox, `${messageId}.eml`));
    await expect(email().sendTemplatedEmail(mail({ subject: 'Something else' }))).resolves.toEqual({
      messageId,
      sent: false,
    });
    expect(await readFile(join(outbox, `${messageId}.eml`))).toEqual(before);
    await expect(email().wasSent(mail().key)).resolves.toBe(true);
    await expect(email().wasSent('another')).resolves.toBe(false);
  });

  test('gets it whole and once when it is sent many times at the same moment', async () => {
    const one = email();
    const all = Array.from({ length: 20 }, () => one.sendTemplatedEmail(mail()));
    const sent = (await Promise.all(all)).filter((delivery) => delivery.sent);
    expect(sent).toHaveLength(1);
    expect(await readdir(outbox)).toEqual([`${one.messageId(mail().key)}.eml`]);
  });

  test('does not take what a crash left half written for a mail', async () => {
    const file = `${email().messageId(mail().key)}.eml`;
    await mkdir(outbox);
    await writeFile(join(outbox, `${file}.draft`), 'Subject: ha'.repeat(10_000));
    await expect(email().wasSent(mail().key)).resolves.toBe(false);
    await expect(email().sendTemplatedEmail(mail())).resolves.toMatchObject({ sent: true });
    expect(await readdir(outbox)).toEqual([file]);
    expect(await readFile(join(outbox, file), 'utf8')).not.toContain('Subject: ha');
  });

  test('that is no folder fails, and never says that a mail did not go out', async () => {
    await writeFile(outbox, '');
    await expect(email().sendTemplatedEmail(mail())).rejects.toMatchObject({
      code: 'integration_failed',
    });
    await expect(email().wasSent(mail().key)).rejects.toMatchObject({ code: 'integration_failed' });
  });

  test('gets nothing from a run that was cancelled', async () => {
    const cancelled = email().sendTemplatedEmail(mail(), AbortSignal.abort());
    await expect(cancelled).rejects.toMatchObject({ code: 'cancelled' });
    await expect(email().wasSent(mail().key)).resolves.toBe(false);
  });
});
