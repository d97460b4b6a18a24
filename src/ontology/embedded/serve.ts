import { parentPort, type TransferListItem } from 'node:worker_threads';
import { GraphwrightError } from '../../errors.ts';
import type { Reply } from './thread.ts';

/** What a request handler gives back: the answer, and what of it moves instead of being copied. */
export interface Answer {
  value?: unknown;
  transfer?: TransferListItem[];
}

/** An error after which the worker cannot be trusted with further work. */
export class FatalError extends Error {
  override readonly name = 'FatalError';
}

/** Sends an answer to the other side. */
export const reply = (message: Reply, transfer?: TransferListItem[]) =>
  parentPort!.postMessage(message, transfer);

/** The answer that says what went wrong. */
export function failure(id: number, thrown: unknown): Reply {
  const fatal = thrown instanceof FatalError;
  const error = GraphwrightError.from(fatal ? thrown.cause : thrown).toJSON();
  return { id, error, fatal };
}

/** Answers the requests that the other side sends through a `Thread`. */
export function serve<Request>(handle: (request: Request) => Answer | Promise<Answer>): void {
  let broken = false;
  parentPort!.on('message', async ({ id, request }: { id: number; request: Request }) => {
    // The other side ends this thread as soon as it learns of the error.
    if (broken) return;
    try {
      const { value, transfer } = await handle(request);
      reply({ id, value }, transfer);
    } catch (thrown) {
      broken = thrown instanceof FatalError;
      reply(failure(id, thrown));
    }
  });
}
