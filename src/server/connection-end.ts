import { setMaxListeners } from 'node:events';
import type { Socket } from 'node:net';
import type { FastifyRequest } from 'fastify';
import { GraphwrightError } from '../errors.ts';

const signals = new WeakMap<Socket, AbortSignal>();

/** A signal that aborts when the client's connection ends: one for all that is asked over it. */
export function connectionEnd({ raw: { socket } }: FastifyRequest): AbortSignal {
  return signals.get(socket) ?? watched(socket);
}

function watched(socket: Socket): AbortSignal {
  const gone = new AbortController();
  // A client may send any number of requests before it reads the first answer.
  setMaxListeners(0, gone.signal);
  const leave = () => gone.abort(new GraphwrightError('cancelled', 'The client went away'));
  if (socket.destroyed) leave();
  else socket.once('close', leave);
  signals.set(socket, gone.signal);
  return gone.signal;
}
