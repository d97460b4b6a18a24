import { createRequire } from 'node:module';
import { Worker, type TransferListItem } from 'node:worker_threads';
import { GraphwrightError, type SerializedError } from '../../errors.ts';

/** What a worker answers to one request; `fatal` says that the worker can do no further work. */
export type Reply =
  { id: number; value: unknown } | { id: number; error: SerializedError; fatal: boolean };

/** One of the requests of a message to a worker. */
export interface Asked<Request = unknown> {
  id: number;
  request: Request;
}

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
  readonly #exit: Promise<unknown>;

  /** @param worker A name of package.json's `imports`: threads run compiled code, also below vitest. */
  constructor(worker: '#engine-worker' | '#parse-worker' | '#state-worker', workerData?: unknown) {
    // The parsers are recursive; with this stack they take whatever the scan lets through.
    const resourceLimits = { stackSizeMb: 32 };
    // Flags of the process, such as --input-type or a debugger's, are not meant for it.
    this.#worker = new Worker(resolve(worker), { workerData, resourceLimits, execArgv: [] });
    this.#worker.unref();
    this.#worker.on('message', (replies: readonly Reply[]) => {
      for (const reply of replies) this.#settle(reply);
    });
    this.#worker.on('error', (cause) => this.#die(stopped(cause)));
    this.#worker.on('exit', () => this.#die(stopped()));
    this.#exit = new Promise((exited) => this.#worker.once('exit', exited));
  }

  /** Whether it still takes calls. */
  get alive(): boolean {
    return !this.#death;
  }

  /** Whether it has answered all that it was asked, and takes calls. */
  get idle(): boolean {
    return this.alive && this.#pending.size === 0;
  }

  /** Sends a request; rejects with the worker's own error, or with the reason of its end. */
  call<Value>(request: unknown, transfer: readonly TransferListItem[] = []): Promise<Value> {
    const { id, answer } = this.expect<Value>();
    this.#post([{ id, request }], transfer);
    return answer;
  }

  /** Sends several requests in one message, so that the thread is woken once for all of them. */
  callAll<Value>(requests: readonly unknown[]): Promise<Value>[] {
    const asked = requests.map((request) => ({ request, ...this.expect<Value>() }));
    this.#post(asked.map(({ id, request }) => ({ id, request })));
    return asked.map(({ answer }) => answer);
  }

  #post(asked: readonly Asked[], transfer: readonly TransferListItem[] = []): void {
    if (this.alive) this.#worker.postMessage(asked, transfer);
  }

  /** The number under which another thread will ask this one, which answers here. */
  expect<Value>(): { id: number; answer: Promise<Value> } {
    const id = (this.#calls += 1);
    if (this.#death) return { id, answer: Promise.reject(this.#death) };
    if (this.#pending.size === 0) this.#worker.ref();
    const answer = new Promise<Value>((fulfil, reject) => {
      this.#pending.set(id, { resolve: fulfil, reject });
    });
    return { id, answer };
  }

  /** Expects no answer any more; its promise stays open. */
  forget(id: number): void {
    this.#pending.delete(id);
    if (this.#pending.size === 0) this.#worker.unref();
  }

  /**
   * A call that ends the thread when its time is over or its signal aborts.
   * @param mayEnd Asked at that moment; what is beyond recall is waited for instead.
   */
  async callWithin<Value>(
    request: unknown,
    { signal, timeout }: Limits,
    mayEnd: () => boolean = () => true,
  ): Promise<Value> {
    const cancel = () => void (mayEnd() && this.end(cancelled()));
    const late = () => void (mayEnd() && this.end(tooLate(timeout)));
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

  /** Waits for a thread that has been told to end by itself; whatever it still owes rejects with the reason. */
  async leave(reason: GraphwrightError): Promise<void> {
    this.#die(reason);
    // The process must not end before it: that would stop it wherever it is.
    this.#worker.ref();
    await this.#exit;
  }

  #settle(reply: Reply): void {
    const pending = this.#pending.get(reply.id);
    if (!pending) return;
    this.forget(reply.id);
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

/** The error of a call that was not answered within its time, in milliseconds. */
export const tooLate = (timeout?: number) =>
  new GraphwrightError('timeout', `Not done after ${timeout} ms; it was ended`);

const stopped = (cause?: Error) =>
  new GraphwrightError('unavailable', `A worker thread stopped: ${cause?.message ?? 'it ended'}`, {
    cause,
  });
