import type { FastifyReply, FastifyRequest } from 'fastify';
import { GraphwrightError } from '../errors.ts';
import type { LoadOptions } from '../ontology/bulk.ts';
import { EventStream } from '../workflows/expose/event-stream.ts';
import { problemDetails } from '../workflows/expose/problem.ts';

/** Milliseconds between two events about the progress of a load. */
const pause = 100;
/** Milliseconds between signs of life while other writes come first. */
const heartbeat = 15_000;

/** What became of a graph that was sent. */
export interface Uploaded {
  created: boolean;
  /** Of a graph that was given its name here. */
  location?: string;
}

/** Does the load, and tells how far it is. */
export type Loading = (options: Pick<LoadOptions, 'onProgress'>) => Promise<Uploaded>;

const [plain, events] = ['application/json', 'text/event-stream'] as const;

/** Whether a client asks to be told how far the load of what it sends is. */
export const wantsEvents = (request: FastifyRequest): boolean =>
  request.accepts().type([plain, events]) === events;

/**
 * Answers with server-sent events while something is loaded: `progress` with the statements that were read, all
 * there are, those that are new, how many a second and the seconds left; at the end `done` with an
 * {@link Uploaded}, or `error` with the problem (RFC 9457).
 * @param statements How many there are.
 */
export async function tellOfLoad(
  request: FastifyRequest,
  reply: FastifyReply,
  statements: number,
  load: Loading,
): Promise<FastifyReply> {
  const stream = new EventStream(reply);
  const beat = setInterval(() => void stream.send({}), heartbeat);
  const measured = progressOf(statements);
  const onProgress = (read: number, inserted: number) => {
    const data = measured(read, inserted);
    if (data) void stream.send({ event: 'progress', data });
  };
  try {
    await stream.send({ event: 'done', data: await load({ onProgress }) });
  } catch (thrown) {
    const error = GraphwrightError.from(thrown);
    if (error.kind === 'unexpected') request.log.error(thrown);
    await stream.send({ event: 'error', data: problemDetails(error, request.url) });
  } finally {
    clearInterval(beat);
    stream.end();
  }
  return reply;
}

/** Tells now and then how far a load is, from when its first statements were in. */
function progressOf(statements: number) {
  let first: { at: number; read: number } | undefined;
  let last = 0;
  return (read: number, inserted: number) => {
    const at = performance.now();
    first ??= { at, read };
    if (at - Math.max(first.at, last) < pause) return undefined;
    last = at;
    const rate = ((read - first.read) / (at - first.at)) * 1000;
    return {
      read,
      statements,
      inserted,
      rate: Math.round(rate),
      secondsLeft: Math.ceil((statements - read) / rate),
    };
  };
}
