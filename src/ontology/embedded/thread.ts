import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';
import { GraphwrightError, type SerializedError } from '../../errors.ts';

/** What a worker answers to one request; `fatal` says that the worker can do no further work. */
export type Reply =
  { id: number; value: unknown } | { id: number; error: SerializedError; fatal: boolean };

/** When a call is given up, which ends its thread. */
export interface Limits {
  signal?: AbortSignal;
  /** Milliseconds. */
  timeout?: number;
}

interface Pending {
  resolve: (value: never) => void;
  reject: (reason: GraphwrightError) => void;
}

const { resolve } = createRequire(import.meta.url);

/** A worker thread that answers requests in order; it keeps the process alive only while it owes one. */
export class Thread {
  readonly #worker: Worker;
  readonly #pending = new Map<number, Pending>();
  #calls = 0;
  #death?: GraphwrightError;
  #ended?: Promise<unknown>;

  /** @param worker A name of package.json's `imports`: threads run compiled code, also below vitest. */
  constructor(worker: '#engine-worker' | '#state-worker', workerData?: unknown) {
    // The parsers are recursive; with this stack they take whatever the scan lets through.
    const resourceLimits = { stackSizeMb: 32 };
    // Flags of the process, such as --input-type or a debugger's, are not meant for it.
    this.#worker = new Worker(resolve(worker), { workerData, resourceLimits, execArgv: [] });
    this.#worker.unref();
    this.#worker.on('message', (reply: Reply) => this.#settle(reply));
    this.#worker.on('error', (cause) => this.#die(stopped(cause)));
    this.#worker.on('exit', () => this.#die(stopped()));
  }

  /** Whether it still takes calls. */
  get alive(): boolean {
    return !this.#death;
  }

  /** Sends a request; rejects with the worker's own error, or with the reason of its end. */
  call<Value>(request: unknown): Promise<Value> {
    if (this.#death) return Promise.reject(this.#death);
    const id = (this.#calls += 1);
    if (this.#pending.size === 0) this.#worker.ref();
    return new Promise<Value>((fulfil, reject) => {
      this.#pending.set(id, { resolve: fulfil, reject });
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
      this.#worker.postMessage({ id, request });
    });
  }

  /** A call that ends the thread when its time is over or its signal aborts. */
  async callWithin<Value>(request: unknown, { signal, timeout }: Limits): Promise<Value> {
    const cancel = () => void this.end(cancelled());
    const late = () => void this.end(tooLate(timeout));
    const timer = timeout === undefined ? undefined : setTimeout(late, timeout);
    signal?.addEventListener('abort', cancel, { once: true });
    try {
      return await this.call<Value>(request);
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', cancel);
    }
  }

  /** Stops the thread at once; whatever it still owes rejects with the reason. */
  async end(reason: GraphwrightError): Promise<void> {
    this.#die(reason);
    this.#ended ??= this.#worker.terminate();
    await this.#ended;
  }

  #settle(reply: Reply): void {
    const pending = this.#pending.get(reply.id);
    if (!pending) return;
    this.#pending.delete(reply.id);
    if (this.#pending.size === 0) this.#worker.unref();
    if ('value' in reply) return pending.resolve(reply.value as never);
    const error = GraphwrightError.fromJSON(reply.error);
    if (reply.fatal) void this.end(error);
    pending.reject(error);
  }

  #die(reason: GraphwrightError): void {
    // A second time it would let go of a process that still waits for the end.
    if (this.#death) return;
    this.#death = reason;
    for (const { reject } of this.#pending.values()) reject(reason);
    this.#pending.clear();
    this.#worker.unref();
  }
}

/** The error of a call whose signal aborted. */
export const cancelled = () => new GraphwrightError('cancelled', 'The call was cancelled');

const tooLate = (timeout?: number) =>
  new GraphwrightError('timeout', `Not done after ${timeout} ms; it was ended`);

const stopped = (cause?: Error) =>
  new GraphwrightError('unavailable', `A worker thread stopped: ${cause?.message ?? 'it ended'}`, {
    cause,
  });
