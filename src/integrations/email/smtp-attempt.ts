import { Readable } from 'node:stream';
import type { Transporter } from 'nodemailer';
import { GraphwrightError, type ErrorCode } from '../../errors.ts';
import { messageOptions, type ComposedMail } from './mail-transport.ts';

/** What nodemailer tells of a failure. */
interface SmtpError extends Error {
  command?: string;
  responseCode?: number;
}

/**
 * Makes a transport say when it hands over a mail's text. A broken connection looks the same before and
 * after, but only before it is certain that the mail did not go out.
 */
export function announceText(transporter: Transporter): void {
  transporter.use('stream', ({ data, message }, done) => {
    const { onText } = data as { onText?: () => void };
    message.processFunc((text) => Readable.from(announced(text, onText), { objectMode: false }));
    done();
  });
}

/** A generator, since it starts no sooner than the connection reads from it, which is after the go-ahead. */
async function* announced(text: Readable, onText?: () => void): AsyncGenerator<Buffer> {
  onText?.();
  for await (const chunk of text) yield chunk as Buffer;
}

/**
 * Hands a mail to a server once. The signal ends it only until the text is under way: from then on the
 * server's answer is worth waiting for.
 * @throws GraphwrightError as the SMTP transport says, or `cancelled`.
 */
export async function attempt(
  transporter: Transporter,
  mail: ComposedMail,
  signal?: AbortSignal,
): Promise<void> {
  const stop = new AbortController();
  let handedOver = false;
  const onText = () => (handedOver = true);
  const onAbort = () => handedOver || stop.abort();
  signal?.addEventListener('abort', onAbort);
  if (signal?.aborted) onAbort();
  try {
    const options = { ...messageOptions(mail), signal: stop.signal, onText };
    await transporter.sendMail(options);
  } catch (thrown) {
    if (stop.signal.aborted)
      throw new GraphwrightError('cancelled', 'Sending was cancelled', { cause: signal?.reason });
    throw failure(thrown as SmtpError, handedOver);
  } finally {
    signal?.removeEventListener('abort', onAbort);
  }
}

const failure = (thrown: SmtpError, handedOver: boolean) =>
  new GraphwrightError(codeOf(thrown, handedOver), `The mail server: ${thrown.message}`, {
    cause: thrown,
  });

function codeOf({ command, responseCode = 0 }: SmtpError, handedOver: boolean): ErrorCode {
  // Once the text is under way, only an answer to it says that the server did not keep it.
  if (handedOver && !(command === 'DATA' && responseCode)) return 'delivery_unknown';
  return responseCode >= 500 ? 'integration_refused' : 'integration_failed';
}
