import { z } from 'zod';
import { GraphwrightError, type ErrorCode, errorTable, type Problem } from '../errors.ts';
import type {
  FollowOptions,
  RunEvent,
  RunFilter,
  RunPage,
  RunRecord,
  Signal,
} from '../workflows/runs/runs.ts';
import type { SteeredRuns } from './steered-runs.ts';

/** Where a server is, and the key that it asks for. */
export interface RunsClientConfiguration {
  url: string;
  apiKey?: string;
}

const ProblemDetails = z.object({
  code: z.string().refine((code): code is ErrorCode => code in errorTable),
  detail: z.string(),
  retriable: z.boolean(),
  errors: z.array(z.object({ pointer: z.string(), detail: z.string() })),
});

/** The runs of a server, steered over HTTP. */
export class RunsClient implements SteeredRuns {
  readonly #configuration: RunsClientConfiguration;

  constructor(configuration: RunsClientConfiguration) {
    this.#configuration = configuration;
  }

  async get(id: string): Promise<RunRecord | undefined> {
    try {
      return await this.json<RunRecord>('GET', `/runs/${encodeURIComponent(id)}`);
    } catch (thrown) {
      if (GraphwrightError.from(thrown).code === 'not_found') return undefined;
      throw thrown;
    }
  }

  list(filter: RunFilter = {}): Promise<RunPage> {
    const query = new URLSearchParams();
    for (const [key, value] of Object.entries(filter))
      for (const each of [value].flat()) if (each !== undefined) query.append(key, String(each));
    return this.json('GET', `/runs?${query}`);
  }

  cancel(id: string): Promise<RunRecord> {
    return this.json('POST', `/runs/${encodeURIComponent(id)}/cancel`);
  }

  resume(id: string): Promise<RunRecord> {
    return this.json('POST', `/runs/${encodeURIComponent(id)}/resume`);
  }

  retry(id: string): Promise<RunRecord> {
    return this.json('POST', `/runs/${encodeURIComponent(id)}/retry`);
  }

  async signal(id: string, { name, payload, id: signalId }: Signal): Promise<void> {
    const path = `/runs/${encodeURIComponent(id)}/signals/${encodeURIComponent(name)}`;
    const headers = signalId === undefined ? undefined : { 'idempotency-key': signalId };
    await this.#send('POST', path, { body: payload, headers });
  }

  async delete(id: string): Promise<void> {
    await this.#send('DELETE', `/runs/${encodeURIComponent(id)}`);
  }

  async *follow(id: string, { after = 0, signal }: FollowOptions = {}): AsyncGenerator<RunEvent> {
    const path = `/runs/${encodeURIComponent(id)}/events?after=${after}`;
    const response = await this.#send('GET', path, { signal });
    let waiting = '';
    for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
      const blocks = (waiting + chunk).split('\n\n');
      waiting = blocks.pop()!;
      for (const block of blocks) {
        const event = readEvent(block);
        if (event) yield event;
      }
    }
  }

  /** The JSON that the server answers a request with. */
  async json<Value>(method: string, path: string, body?: unknown): Promise<Value> {
    return (await (await this.#send(method, path, { body })).json()) as Value;
  }

  /** The text that the server answers with. */
  async text(path: string, headers: Record<string, string> = {}): Promise<string> {
    return (await this.#send('GET', path, { headers })).text();
  }

  async #send(
    method: string,
    path: string,
    options: { body?: unknown; headers?: Record<string, string>; signal?: AbortSignal } = {},
  ): Promise<Response> {
    const { url, apiKey } = this.#configuration;
    const headers = new Headers(options.headers);
    if (apiKey !== undefined) headers.set('authorization', `Bearer ${apiKey}`);
    if (options.body !== undefined) headers.set('content-type', 'application/json');
    const body = options.body === undefined ? undefined : JSON.stringify(options.body);
    const response = await fetch(new URL(path, url), {
      method,
      headers,
      body,
      signal: options.signal,
    }).catch((cause: unknown) => {
      throw new GraphwrightError('unavailable', `The server at ${url} does not answer`, { cause });
    });
    if (response.ok) return response;
    throw refusal(await response.text(), response.status);
  }
}

function refusal(text: string, status: number): GraphwrightError {
  try {
    const { code, detail, retriable, errors } = ProblemDetails.parse(JSON.parse(text));
    return new GraphwrightError(code, detail, { retriable, problems: errors as Problem[] });
  } catch (cause) {
    const message = `The server answered ${status}, which is no answer of Graphwright`;
    return new GraphwrightError('integration_refused', message, { cause });
  }
}

/** Reads the lines of one server-sent event; comments hold none. */
function readEvent(block: string): RunEvent | undefined {
  const fields = new Map(
    block.split('\n').map((line) => /^([a-z]*): ?(.*)$/.exec(line)?.slice(1) as [string, string]),
  );
  const data = fields.get('data');
  if (data === undefined) return undefined;
  const content = JSON.parse(data) as RunEvent;
  if (fields.get('event') === 'error')
    throw new GraphwrightError('integration_failed', 'The server ended the events with an error');
  return { ...content, sequence: Number(fields.get('id')) };
}
