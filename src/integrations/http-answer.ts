import { GraphwrightError } from '../errors.ts';
import { retryAfter } from '../retry.ts';

/** What is being read, for messages, and within which limits. */
export interface AnswerLimits {
  what: string;
  maxBytes: number;
  signal: AbortSignal;
}

/**
 * Reads the JSON of an answer. Bytes are counted after unpacking, so that a small archive of a huge
 * text ends at the limit.
 * @throws GraphwrightError `integration_refused` when it is too long, or not JSON in UTF-8.
 */
export async function answerJson(response: Response, limits: AnswerLimits): Promise<unknown> {
  const { what } = limits;
  const type = response.headers.get('content-type') ?? 'none';
  if (!/^application\/([\w.-]+\+)?json\s*(;\s*charset="?utf-8"?\s*)?$/i.test(type)) {
    await response.body?.cancel();
    throw refused(`${what} answered with content type ${type}, not application/json`);
  }
  const bytes = await answerBytes(response, limits);
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw refused(`${what} answered with something that is not JSON in UTF-8`, cause);
  }
}

async function answerBytes(
  { body }: Response,
  { what, maxBytes, signal }: AnswerLimits,
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body ?? []) {
    signal.throwIfAborted();
    size += chunk.byteLength;
    if (size > maxBytes) throw refused(`${what} answered with more than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size);
}

/** The error for a status that is neither success nor "not found". */
export function refuseStatus(response: Response, what: string): GraphwrightError {
  const { status, headers } = response;
  if (status === 408 || status === 429 || status >= 500)
    return new GraphwrightError('integration_failed', `${what} answered ${status}`, {
      cause: retryAfter(headers),
    });
  if (status >= 300 && status < 400)
    return refused(`${what} answered ${status}, a redirect; redirects are not followed`);
  const hint = status === 401 || status === 403 ? '; is the token right?' : '';
  return refused(`${what} answered ${status}${hint}`);
}

const refused = (message: string, cause?: unknown) =>
  new GraphwrightError('integration_refused', message, { cause });
