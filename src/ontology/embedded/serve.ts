import { parentPort, type TransferListItem } from 'node:worker_threads';
import { GraphwrightError } from '../../errors.ts';
import type { Asked, Reply } from './thread.ts';

/** What a request handler gives back: the answer, and what of it moves instead of being copied. */
export interface Answer {
  value?: unknown;
  transfer?: TransferListItem[];
  /** Whether it may go along with the next answer, which is being asked for already. */
  hold?: boolean;
}

/** An error after which the worker cannot be trusted with further work. */
export class FatalError extends Error {
  override readonly name = 'FatalError';
}

/** Answers that go along with the next one: each message wakes the other side's thread up. */
let held: Reply[] = [];
let since = 0;

/** Milliseconds that an answer waits for the next one. */
const longest = 0.5;

/** Sends an answer to the other side. */
export function reply(message: Reply, transfer?: TransferListItem[]): void {
  const messages = [...held, message];
  held = [];
  parentPort!.postMessage(messages, transfer);
}

/** Whether the first answer that is held has not waited long. */
function isSoon(): boolean {
  const now = performance.now();
  if (held.length === 0) since = now;
  return now - since < longest;
}

/** The answer that says what went wrong. */
export function failure(id: number, thrown: unknown): Reply {
  const fatal = thrown instanceof FatalError;
  const error = GraphwrightError.from(fatal ? thrown.cause : thrown).toJSON();
  return { id, error, fatal };
}

/** Answers the requests that the other side sends through a `Thread`. */
export function serve<Request>(handle: (request: Request) => Answer | Promise<Answer>): void {
  let broken = false;
  const answer = async ({ id, request }: Asked<Request>) => {
    try {
      const { value, transfer, hold } = await handle(request);
      if (hold && isSoon()) held.push({ id, value });
      else reply({ id, value }, transfer);
    } catch (thrown) {
      broken = thrown instanceof FatalError;
      reply(failure(id, thrown));
    }
  };
  parentPort!.on('message', async (message: readonly Asked<Request>[]) => {
    // The other side ends this thread as soon as it learns of the error.
    for (const asked of message) if (!broken) await answer(asked);
  });
}
