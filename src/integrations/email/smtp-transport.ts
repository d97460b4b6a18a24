import { createTransport } from 'nodemailer';
import { GraphwrightError } from '../../errors.ts';
import { retry } from '../../retry.ts';
import type { MailTransport } from './mail-transport.ts';
import { announceText, attempt } from './smtp-attempt.ts';

/** Where mail is handed over; times in milliseconds. */
export interface SmtpConfiguration {
  /**
   * `smtp://user:password@host:587` or, with TLS from the start, `smtps://host:465`. A password goes only
   * over TLS: with one, a server that does not offer STARTTLS is left alone.
   */
  url: string;
  /** For the connection, the greeting and each answer; 30,000 by default, since servers look through a mail before they answer. */
  timeout?: number;
  /** How often a mail is tried that certainly did not go out; 3 by default. */
  attempts?: number;
  /** The longest first wait between attempts; 200 by default. */
  baseDelay?: number;
}

/** An SMTP transport, and what closes its connections. */
export interface SmtpTransport extends MailTransport {
  close(): void;
}

/**
 * Hands mail to an SMTP server.
 *
 * Fails with `integration_failed` when the mail certainly did not go out (no connection, a 4xx answer),
 * with `integration_refused` when the server said no for good (5xx), and with `delivery_unknown` when the
 * connection broke after the text had been handed over: only the first is tried again.
 */
export function smtpTransport({
  url,
  timeout = 30_000,
  attempts,
  baseDelay,
}: SmtpConfiguration): SmtpTransport {
  const transporter = createTransport({
    ...serverOf(url),
    pool: true,
    // Tries are counted by `attempts` alone.
    maxRequeues: 0,
    dnsTimeout: timeout,
    connectionTimeout: timeout,
    greetingTimeout: timeout,
    socketTimeout: timeout,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  announceText(transporter);
  return {
    async send(mail, signal) {
      await retry(() => attempt(transporter, mail, signal), { attempts, baseDelay, signal });
      return true;
    },
    wasSent: async () => undefined,
    close: () => transporter.close(),
  };
}

function serverOf(url: string) {
  const server = URL.canParse(url) ? new URL(url) : undefined;
  if (!server || !/^smtps?:$/.test(server.protocol) || !server.hostname)
    throw new GraphwrightError(
      'invalid_configuration',
      'A mail server is named as smtp://host:587 or smtps://user:password@host:465',
    );
  const { protocol, hostname, port, username, password } = server;
  const secure = protocol === 'smtps:';
  return {
    host: hostname.replaceAll(/[[\]]/g, ''),
    port: Number(port || (secure ? 465 : 587)),
    secure,
    ...(username && {
      requireTLS: true,
      auth: { user: decodeURIComponent(username), pass: decodeURIComponent(password) },
    }),
  };
}
