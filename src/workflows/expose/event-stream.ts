import { once } from 'node:events';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { timeLimit } from '../../time-limit.ts';

/** What is sent at once: see https://html.spec.whatwg.org/multipage/server-sent-events.html. */
export interface ServerSentEvent {
  /** Where the client goes on from after a lost connection, as its `Last-Event-ID`. */
  id?: string;
  event?: string;
  /** Sent as JSON; without it the client takes note of the id alone. */
  data?: unknown;
}

/** Bytes that may wait for a client, and milliseconds in which one that has more waiting must take some. */
const most = 64 * 1024;
const patience = 10_000;

/** Answers a request with events as they come, until either side ends it. */
export class EventStream {
  readonly #raw: FastifyReply['raw'];
  readonly #patience: number;

  /** Sends the head of the answer, with the headers that the reply has by now. */
  constructor(reply: FastifyReply, stalled: number = patience) {
    this.#raw = reply.hijack().raw;
    this.#patience = stalled;
    // A client that goes away is no error.
    this.#raw.on('error', () => undefined);
    this.#raw.writeHead(200, {
      ...(reply.getHeaders() as Record<string, string>),
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      // Nginx would collect the events otherwise; and the connection ends with the stream.
      'x-accel-buffering': 'no',
      connection: 'close',
    });
    // Some clients and proxies pass an answer on with its first byte only.
    this.#raw.write(':\n\n');
  }

  /** Sends an event; resolves once the client has taken enough, or was let go of because it takes nothing. */
  async send({ id, event, data }: ServerSentEvent): Promise<void> {
    if (this.#raw.writableEnded || this.#raw.destroyed) return;
    const lines = [
      ...(id === undefined ? [] : [`id: ${id}`]),
      ...(event === undefined ? [] : [`event: ${event}`]),
      ...(data === undefined ? [] : [`data: ${JSON.stringify(data)}`]),
    ];
    // A line that begins with a colon is a sign of life and nothing else.
    this.#raw.write(`${lines.join('\n') || ':'}\n\n`);
    if (this.#raw.writableLength > most) await this.#drained();
  }

  end(): void {
    this.#raw.end();
  }

  async #drained(): Promise<void> {
    const over = new AbortController();
    const signal = AbortSignal.any([timeLimit(this.#patience), over.signal]);
    const waits = [once(this.#raw, 'drain', { signal }), once(this.#raw, 'close', { signal })];
    await Promise.race(waits).catch(() => this.#raw.destroy());
    for (const wait of waits) wait.catch(() => undefined);
    // The one that still waits would listen on until its time is over.
    over.abort();
  }
}

/**
 * Makes the signal of one stream: it aborts when the client goes away and when the server closes, which
 * would wait for the stream for ever.
 */
export function streamSignals(app: FastifyInstance): (reply: FastifyReply) => AbortSignal {
  const open = new Set<AbortController>();
  app.addHook('preClose', async () => {
    for (const stream of open) stream.abort();
  });
  return ({ raw }) => {
    const stream = new AbortController();
    open.add(stream);
    raw.once('close', () => {
      open.delete(stream);
      stream.abort();
    });
    return stream.signal;
  };
}
