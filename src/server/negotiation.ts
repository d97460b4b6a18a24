import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { GraphwrightError } from '../errors.ts';

/** Clients ask for `text/turtle; charset=utf-8`; all our texts are UTF-8. */
export function forgetCharset(
  { headers }: FastifyRequest,
  _reply: FastifyReply,
  done: () => void,
): void {
  headers.accept = headers.accept?.replaceAll(/\s*;\s*charset=[^;,]*/gi, '');
  done();
}

/**
 * The one of the offered media types that the client likes best.
 * @param how Begins the sentence that lists them when it likes none.
 * @throws GraphwrightError `not_acceptable`
 */
export function acceptedType(
  request: FastifyRequest,
  offered: readonly string[],
  how = 'Offered are',
): string {
  const mediaType = [request.accepts().type([...offered])].flat()[0];
  if (mediaType) return mediaType;
  throw new GraphwrightError('not_acceptable', `${how} ${offered.join(', ')}`);
}

/** So much of a long answer is handed to the connection at once. */
const piece = 64 * 1024;

/** Milliseconds in which a client that is being sent a long answer takes nothing, until it is let go of. */
const patience = 60_000;

/** Sends an answer that lies in memory, as fast as the client takes it and without a copy of it. */
export function sendBytes(reply: FastifyReply, mediaType: string, body: Uint8Array): FastifyReply {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  if (bytes.length <= piece) return sendText(reply, mediaType, bytes);
  return sendStream(reply.header('content-length', bytes.length), mediaType, pieces(bytes));
}

/** Sends an answer that is made as fast as the client takes it. */
export function sendStream(
  reply: FastifyReply,
  mediaType: string,
  parts: AsyncIterable<string> | Iterable<Buffer>,
): FastifyReply {
  reply.raw.setTimeout(patience, () => reply.raw.destroy());
  return sendText(reply, mediaType, Readable.from(parts, { objectMode: false }));
}

function* pieces(bytes: Buffer): Generator<Buffer> {
  for (let start = 0; start < bytes.length; start += piece)
    yield bytes.subarray(start, start + piece);
}

/** Sends a text; of a plain one, a browser would guess the encoding. */
export const sendText = (
  reply: FastifyReply,
  mediaType: string,
  body: string | Buffer | Readable,
): FastifyReply =>
  reply
    .type(mediaType.startsWith('text/') ? `${mediaType}; charset=utf-8` : mediaType)
    .header('vary', 'accept')
    .send(body);
