import type { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** Clients ask for `text/turtle; charset=utf-8`; all our texts are UTF-8. */
export async function forgetCharset({ headers }: FastifyRequest): Promise<void> {
  headers.accept = headers.accept?.replaceAll(/\s*;\s*charset=[^;,]*/gi, '');
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
