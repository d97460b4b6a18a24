import { GraphwrightError } from '../errors.ts';
import { answerJson, refuseStatus } from './http-answer.ts';
import { retry, type RetryOptions } from '../retry.ts';
import { timeLimit } from '../time-limit.ts';

/** What a {@link JsonClient} is given. */
export interface JsonClientConfiguration {
  /** What every path is below: `https://crm.example.org/api/v2`. */
  baseUrl: string;
  /** Sent as a bearer token. */
  token?: string;
  /** Milliseconds for one attempt, from the connection to the last byte; 10,000 by default. */
  timeout?: number;
  /** The longest answer, unpacked; 8 MiB by default. */
  maxBytes?: number;
  retry?: Omit<RetryOptions, 'signal'>;
  fetch?: typeof fetch;
}

/** What to get: path segments, each encoded, and a query without the undefined. */
export interface JsonRequest {
  path: readonly string[];
  query?: Readonly<Record<string, string | undefined>>;
  signal?: AbortSignal;
}

/** Reads JSON from one system over HTTP, with a deadline, a size limit and retries. */
export class JsonClient {
  readonly #configuration: JsonClientConfiguration;
  readonly #base: URL;
  readonly #headers: Headers;

  /** @throws GraphwrightError `invalid_configuration` for a base URL or token that cannot be used. */
  constructor(configuration: JsonClientConfiguration) {
    this.#configuration = configuration;
    this.#base = baseUrl(configuration.baseUrl);
    this.#headers = headers(configuration.token);
  }

  /**
   * Gets JSON, unparsed by any schema; undefined when the answer is 404.
   * @throws GraphwrightError `integration_failed` or `timeout` when another try may help and the retries
   * did not (network, 408, 429, 5xx); `integration_refused` when none would (any other status, a redirect,
   * an answer that is too long or not JSON); `cancelled`; `invalid_parameters` for a path segment that no
   * URL can hold.
   */
  async get({ path, query = {}, signal }: JsonRequest): Promise<unknown> {
    const url = this.#url(path, query);
    return retry(() => this.#attempt(url, signal), { ...this.#configuration.retry, signal });
  }

  #url(path: readonly string[], query: Readonly<Record<string, string | undefined>>): URL {
    const url = new URL(this.#base);
    url.pathname = [url.pathname.replace(/\/+$/, ''), ...path.map(segment)].join('/');
    for (const [name, value] of Object.entries(query))
      if (value !== undefined) url.searchParams.set(name, value);
    return url;
  }

  async #attempt(url: URL, caller?: AbortSignal): Promise<unknown> {
    const {
      timeout = 10_000,
      maxBytes = 8 * 2 ** 20,
      fetch = globalThis.fetch,
    } = this.#configuration;
    const deadline = timeLimit(timeout);
    const signal = caller ? AbortSignal.any([deadline, caller]) : deadline;
    const what = `GET ${url.origin}${url.pathname}`;
    try {
      const options = { headers: this.#headers, redirect: 'manual', signal } as const;
      const response = await fetch(url, options);
      if (response.ok) return await answerJson(response, { what, maxBytes, signal });
      await response.body?.cancel();
      if (response.status === 404) return undefined;
      throw refuseStatus(response, what);
    } catch (thrown) {
      if (thrown instanceof GraphwrightError) throw thrown;
      if (caller?.aborted)
        throw new GraphwrightError('cancelled', `${what} was cancelled`, { cause: thrown });
      if (deadline.aborted)
        throw new GraphwrightError('timeout', `${what} took over ${timeout} ms`, { cause: thrown });
      throw new GraphwrightError('integration_failed', `${what}: ${reason(thrown)}`, {
        cause: thrown,
      });
    }
  }
}

function baseUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const usable =
    url && /^https?:$/.test(url.protocol) && !url.username && !url.password && !url.search;
  if (usable && !url.hash) return url;
  throw new GraphwrightError(
    'invalid_configuration',
    'The base URL of an integration is http or https, without a user, a query or a fragment: https://crm.example.org/api',
  );
}

function headers(token?: string): Headers {
  const all = new Headers({ accept: 'application/json' });
  if (token === undefined) return all;
  if (!/^[\x21-\x7e]+$/.test(token))
    throw new GraphwrightError(
      'invalid_configuration',
      'A bearer token is made of visible ASCII characters, without spaces',
    );
  all.set('authorization', `Bearer ${token}`);
  return all;
}

/** Encodes one path segment; what a URL parser would read as "here" or "one up" cannot be encoded. */
function segment(text: string): string {
  if (/^\.{0,2}$/.test(text) || !text.isWellFormed())
    throw new GraphwrightError(
      'invalid_parameters',
      `${JSON.stringify(text)} cannot be looked up: it cannot be part of a URL`,
    );
  return encodeURIComponent(text);
}

/** fetch says only "fetch failed"; its cause says why. */
function reason(thrown: unknown): string {
  const inner = thrown instanceof Error && thrown.cause instanceof Error ? thrown.cause : thrown;
  if (!(inner instanceof Error)) return String(inner);
  return inner.message || ('code' in inner ? String(inner.code) : inner.name);
}
