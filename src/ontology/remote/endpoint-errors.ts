import { errorTable, GraphwrightError, type ErrorCode } from '../../errors.ts';
import { retryAfter } from '../../retry.ts';

const longest = 300;

/**
 * What a failed request to a SPARQL endpoint means. An endpoint of our own says its code, which is taken
 * over; of others only the status is known.
 * @param text The beginning of the answer, shortened in the message.
 */
export function refusal(response: Response, text: string, what: string): GraphwrightError {
  const { status, headers } = response;
  const { code, detail } = said(headers.get('content-type') ?? '', text);
  const message = `${what}: ${detail || `the remote store answered ${status}`}`;
  return new GraphwrightError(code ?? codeOf(status), message, {
    problems: status === 400 ? [{ pointer: '', detail }] : [],
    cause: retryAfter(headers),
    // Only these two ask to be tried again.
    retriable: status === 503 || status === 429,
  });
}

function codeOf(status: number): ErrorCode {
  if (status === 400) return 'invalid_query';
  if (status === 413) return 'too_large';
  if (status === 429) return 'too_many_requests';
  if (status === 503) return 'unavailable';
  if (status === 408 || status === 504) return 'timeout';
  return status >= 500 ? 'integration_failed' : 'integration_refused';
}

/** The codes of the port that another store of ours may hand on; `unauthorized` would be about our own caller. */
const handedOn: readonly string[] = [
  'invalid_query',
  'invalid_data',
  'forbidden',
  'not_found',
  'conflict',
  'timeout',
  'too_large',
  'store_full',
] satisfies ErrorCode[];

function said(contentType: string, text: string): { code?: ErrorCode; detail: string } {
  if (!contentType.startsWith('application/problem+json')) return { detail: shorten(text) };
  try {
    const { type, detail } = JSON.parse(text) as { type?: unknown; detail?: unknown };
    const code = /^urn:graphwright:error:(\w+)$/.exec(String(type))?.[1];
    const known = code !== undefined && code in errorTable && handedOn.includes(code);
    return { ...(known && { code: code as ErrorCode }), detail: shorten(String(detail ?? '')) };
  } catch {
    // A problem cut off at the limit of what is read of it is shown as it stands.
    return { detail: shorten(text) };
  }
}

function shorten(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > longest ? `${line.slice(0, longest)}…` : line;
}
