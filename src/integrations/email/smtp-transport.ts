import { createTransport } from 'nodemailer';
import { GraphwrightError } from '../../errors.ts';
import { retry } from '../retry.ts';
import { messageOptions, type MailTransport } from './mail-transport.ts';

/** Where mail is handed over; times in milliseconds. */
export interface SmtpConfiguration {
  /** `smtp://user:password@host:587` or, with TLS from the start, `smtps://host:465`. */
  url: string;
  /** For the connection, the greeting and each answer; 10,000 by default. */
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
  timeout = 10_000,
  attempts,
  baseDelay,
}: SmtpConfiguration): SmtpTransport {
  const { protocol, hostname, port, username, password } = new URL(url);
  const secure = protocol === 'smtps:';
  const transport = createTransport({
    host: hostname,
    port: Number(port || (secure ? 465 : 587)),
    secure,
    ...(username && {
      auth: { user: decodeURIComponent(username), pass: decodeURIComponent(password) },
    }),
    pool: true,
    connectionTimeout: timeout,
    greetingTimeout: timeout,
    socketTimeout: timeout,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return {
    async send(mail, signal) {
      await retry(
        async () => {
          signal?.throwIfAborted();
          await transport.sendMail(messageOptions(mail)).catch(rethrow);
        },
        { attempts, baseDelay, signal },
      );
      return true;
    },
    wasSent: async () => undefined,
    close: () => transport.close(),
  };
}

/** What nodemailer tells of a failure. */
interface SmtpError extends Error {
  code?: string;
  command?: string;
  responseCode?: number;
}

function rethrow(thrown: SmtpError): never {
  const { code, command, responseCode, message } = thrown;
  const handedOver = command === 'DATA' || (command === 'CONN' && code === 'ESOCKET');
  throw new GraphwrightError(codeOf(responseCode, handedOver), `The mail server: ${message}`, {
    cause: thrown,
  });
}

function codeOf(answer: number | undefined, handedOver: boolean) {
  if (answer !== undefined) return answer >= 500 ? 'integration_refused' : 'integration_failed';
  return handedOver ? 'delivery_unknown' : 'integration_failed';
}
