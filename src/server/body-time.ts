import type { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';

/** Bytes a second that a body must have come with on the whole to be let go on past its time. */
const leastRate = 64 * 1024;

/** Milliseconds until such a body is looked at again. */
const interval = 1_000;

/**
 * Ends requests whose bodies are not there in time with 408, as Node would do by its `requestTimeout`; but one
 * that keeps coming quickly, as a large file does, may take longer.
 * @param time Milliseconds from the end of the headers.
 */
export function limitBodyTime(app: FastifyInstance, time: number): void {
  app.addHook('onRequest', (request, _reply, done) => {
    // What is injected in the same process comes over no connection.
    if (hasBody(request.raw) && request.raw.socket instanceof Socket) watch(app, request.raw, time);
    done();
  });
}

const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;

function watch(app: FastifyInstance, message: IncomingMessage, time: number): void {
  const { socket } = message;
  const before = socket.bytesRead;
  const began = performance.now();
  const look = () => {
    const least = (leastRate * (performance.now() - began)) / 1000;
    if (socket.bytesRead - before >= least) timer = setTimeout(look, interval);
    else app.server.emit('clientError', tooSlow(), socket);
  };
  let timer = setTimeout(look, time);
  const stop = () => {
    clearTimeout(timer);
    message.off('end', stop);
    socket.off('close', stop);
  };
  message.on('end', stop);
  socket.on('close', stop);
}

/** What Node says of a request that takes too long. */
const tooSlow = () =>
  Object.assign(new Error('The body of the request did not come in time'), {
    code: 'ERR_HTTP_REQUEST_TIMEOUT',
  });
