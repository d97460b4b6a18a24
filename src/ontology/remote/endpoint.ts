import { GraphwrightError } from '../../errors.ts';
import { retry, type RetryOptions } from '../../retry.ts';
import { currentPlace } from '../../telemetry.ts';
import { refusal } from './endpoint-errors.ts';
import { timeLimit } from '../../time-limit.ts';

/** Who we are to a remote store: a user with a password, or a bearer token. */
export type Credentials = { user: string; password: string } | { token: string };

/** How a remote store is spoken to. */
export interface EndpointConfiguration {
  credentials?: Credentials;
  /** Milliseconds for a whole call, with its retries and the last byte; 30,000 by default. */
  timeout?: number;
  /** The longest answer, unpacked; 64 MiB by default. */
  maxBytes?: number;
  /** For reads that the server put off (429, 503) or that found no connection. */
  retry?: Omit<RetryOptions, 'signal'>;
}

/** One HTTP request to a remote store. */
export interface EndpointRequest {
  method: 'GET' | 'POST' | 'PUT';
  url: URL;
  accept: string;
  body?: URLSearchParams | string;
  contentType?: string;
  signal?: AbortSignal;
  timeout?: number;
  /** What may be sent again after it failed: reads, and writes that come to the same when repeated. */
  repeatable: boolean;
}

/** An answer, whole. */
export interface EndpointAnswer {
  mediaType: string;
  body: Uint8Array;
}

/** Speaks HTTP to a SPARQL endpoint, with a deadline, a limit on what it answers, and retries of reads. */
export class Endpoint {
  readonly #configuration: EndpointConfiguration;
  readonly #authorization: string | undefined;

  /** @throws GraphwrightError `invalid_configuration` for credentials that no header can hold. */
  constructor(configuration: EndpointConfiguration) {
    this.#configuration = configuration;
    this.#authorization = configuration.credentials && authorization(configuration.credentials);
  }

  /**
   * Sends a request until it is answered, the deadline passes or the retries are used up.
   * @throws GraphwrightError as the port has it; `integration_refused` and `integration_failed` for what is
   * between us and the remote store.
   */
  async send(request: EndpointRequest): Promise<EndpointAnswer> {
    const { signal: caller, repeatable, timeout = this.#configuration.timeout ?? 30_000 } = request;
    const what = `${request.method} ${request.url.origin}${request.url.pathname}`;
    const deadline = timeLimit(timeout);
    const signal = caller ? AbortSignal.any([caller, deadline]) : deadline;
    const options = { ...this.#configuration.retry, ...(!repeatable && { attempts: 1 }), signal };
    try {
      return await retry(() => this.#attempt(request, what, signal), options);
    } catch (thrown) {
      if (caller?.aborted)
        throw new GraphwrightError('cancelled', `${what} was cancelled`, { cause: thrown });
      if (!deadline.aborted) throw thrown;
      const doubt = repeatable ? '' : '; whether it was carried out is not known';
      throw new GraphwrightError('timeout', `${what} took over ${timeout} ms${doubt}`, {
        retriable: repeatable,
        cause: thrown,
      });
    }
  }

  async #attempt(
    request: EndpointRequest,
    what: string,
    signal: AbortSignal,
  ): Promise<EndpointAnswer> {
    const { method, url, body } = request;
    const headers = this.#headers(request);
    try {
      const response = await fetch(url, { method, headers, body, redirect: 'manual', signal });
      if (response.ok) {
        const mediaType = response.headers.get('content-type')?.split(';')[0]!.trim() ?? '';
        return { mediaType, body: await this.#read(response, what, signal) };
      }
      throw refusal(response, await beginning(response), what);
    } catch (thrown) {
      if (thrown instanceof GraphwrightError) throw thrown;
      const unsent = ['ECONNREFUSED', 'ENOTFOUND'].includes(causeOf(thrown).code ?? '');
      const doubt = request.repeatable || unsent ? '' : '; whether it arrived is not known';
      throw new GraphwrightError('unavailable', `${what}: ${causeOf(thrown).message}${doubt}`, {
        retriable: doubt === '',
        cause: thrown,
      });
    }
  }

  #headers({ accept, contentType }: EndpointRequest): Headers {
    const headers = new Headers({ ...currentPlace(), accept });
    if (contentType) headers.set('content-type', contentType);
    if (this.#authorization) headers.set('authorization', this.#authorization);
    return headers;
  }

  async #read({ body }: Response, what: string, signal: AbortSignal): Promise<Uint8Array> {
    const { maxBytes = 64 * 2 ** 20 } = this.#configuration;
    const chunks: Uint8Array[] = [];
    let size = 0;
    for await (const chunk of body ?? []) {
      signal.throwIfAborted();
      size += chunk.byteLength;
      if (size > maxBytes)
        throw new GraphwrightError('too_large', `${what} answered with over ${maxBytes} bytes`);
      chunks.push(chunk);
    }
    return Buffer.concat(chunks, size);
  }
}

/** Enough of an error's text to say what it is; the rest is not waited for. */
async function beginning({ body }: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body ?? []) {
    chunks.push(chunk);
    size += chunk.byteLength;
    if (size > 4096) break;
  }
  return new TextDecoder().decode(Buffer.concat(chunks).subarray(0, 4096));
}

function authorization(credentials: Credentials): string {
  if ('user' in credentials) {
    const { user, password } = credentials;
    if (user.includes(':'))
      throw new GraphwrightError('invalid_configuration', 'A user name cannot hold a colon');
    return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
  }
  if (/^[\x21-\x7e]+$/.test(credentials.token)) return `Bearer ${credentials.token}`;
  throw new GraphwrightError(
    'invalid_configuration',
    'A bearer token is made of visible ASCII characters, without spaces',
  );
}

/** fetch says only "fetch failed"; its cause says why. */
function causeOf(thrown: unknown): { message: string; code?: string } {
  const inner = thrown instanceof Error && thrown.cause instanceof Error ? thrown.cause : thrown;
  if (!(inner instanceof Error)) return { message: String(inner) };
  const code = 'code' in inner ? String(inner.code) : undefined;
  return { message: inner.message || code || inner.name, code };
}
