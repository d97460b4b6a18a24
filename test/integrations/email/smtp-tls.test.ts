import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { generate } from 'selfsigned';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { smtpTransport } from '../../../src/integrations/email/smtp-transport.ts';
import { mailServer } from './mail-server.ts';
import { emailThrough, mail } from './mails.ts';

let folder: string;
let certificate: string;
let key: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'graphwright-tls-'));
  [certificate, key] = [join(folder, 'certificate.pem'), join(folder, 'key.pem')];
  const { cert, private: secret } = await generate([{ name: 'commonName', value: 'localhost' }], {
    keyType: 'ec',
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: 'localhost' }] }],
  });
  writeFileSync(certificate, cert);
  writeFileSync(key, secret);
});
afterAll(() => rmSync(folder, { recursive: true }));

/** A server that wants a password; it notes each that it is shown, and whether that came over TLS. */
async function guardedServer(options: { secure?: boolean; disabledCommands?: string[] } = {}) {
  const logins: { username: unknown; password: unknown; secure: boolean }[] = [];
  const server = await mailServer(undefined, {
    key: readFileSync(key),
    cert: readFileSync(certificate),
    allowInsecureAuth: true,
    ...options,
    onAuth: ({ username, password }, { secure }, done) => {
      logins.push({ username, password, secure });
      if (password === 'p@ss:word') done(null, { user: username });
      else done(Object.assign(new Error('No'), { responseCode: 535 }));
    },
  });
  return { ...server, logins };
}

/** Sends from a process of its own: only when it starts does Node read which authorities to trust. */
async function sendFromProcess(url: string): Promise<unknown> {
  const script = `
    const { smtpTransport } = await import('./dist/integrations/email/smtp-transport.js');
    const { EmailIntegration } = await import('./dist/integrations/email/email-integration.js');
    const transport = smtpTransport({ url: process.env.SMTP_URL, attempts: 1 });
    const email = new EmailIntegration({ from: { address: 'care@example.org' }, transport });
    const outcome = await email.sendTemplatedEmail(JSON.parse(process.env.MAIL)).catch((error) => error);
    console.log(JSON.stringify(outcome));
    transport.close();`;
  const env = { ...process.env, NODE_EXTRA_CA_CERTS: certificate, SMTP_URL: url };
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--input-type=module', '-e', script],
    { env: { ...env, MAIL: JSON.stringify(mail()) }, timeout: 20_000 },
  );
  return JSON.parse(stdout);
}

describe('A11 mail over TLS', () => {
  test.each([
    ['smtp', 'STARTTLS', {}],
    ['smtps', 'TLS from the start', { secure: true }],
  ])('%s: by %s, with a password', async (protocol, _, options) => {
    await using server = await guardedServer(options);
    const url = `${protocol}://care:p%40ss%3Aword@localhost:${server.port}`;
    await expect(sendFromProcess(url)).resolves.toMatchObject({ sent: true });
    expect(server.taken).toHaveLength(1);
    expect(server.logins).toEqual([{ username: 'care', password: 'p@ss:word', secure: true }]);
  });

  test('a wrong password is refused, and not tried again', async () => {
    await using server = await guardedServer();
    const url = `smtp://care:wrong@localhost:${server.port}`;
    await expect(sendFromProcess(url)).resolves.toMatchObject({ code: 'integration_refused' });
    expect(server.logins).toHaveLength(1);
    expect(server.taken).toEqual([]);
  });

  test.each([
    ['whose certificate nobody vouches for', {}],
    ['that does not offer TLS', { disabledCommands: ['STARTTLS'] }],
  ])('a server %s sees no password and no mail', async (_, options) => {
    await using server = await guardedServer(options);
    const url = `smtp://care:p%40ss%3Aword@localhost:${server.port}`;
    const transport = smtpTransport({ url, attempts: 1, timeout: 2000 });
    await expect(emailThrough(transport).sendTemplatedEmail(mail())).rejects.toMatchObject({
      code: expect.stringMatching(/^integration_/),
    });
    transport.close();
    expect(server.logins).toEqual([]);
    expect(server.taken).toEqual([]);
  });

  test.each(['localhost:25', 'http://localhost', 'smtp://'])('no server is named by %s', (url) => {
    expect(() => smtpTransport({ url })).toThrow(
      expect.objectContaining({ code: 'invalid_configuration' }),
    );
  });
});
