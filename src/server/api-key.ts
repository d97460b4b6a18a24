import { createHash, timingSafeEqual } from 'node:crypto';
import { isIP } from 'node:net';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { GraphwrightError } from '../errors.ts';

/** Whether only this machine can reach an address. */
export const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));

/** @throws GraphwrightError `invalid_configuration` for a host that others reach while no key is set. */
export function assertGuarded(host: string, apiKey: string | undefined): void {
  if (apiKey || isLoopback(host)) return;
  throw new GraphwrightError(
    'invalid_configuration',
    `Others can reach ${host}, so an API key is needed: set GRAPHWRIGHT_SERVER_API_KEY to at least 16 characters, or listen on 127.0.0.1`,
  );
}

/**
 * Lets in only callers with the key; where none is set, only this machine's own programs and pages.
 * @param isOpen Whether a route, by the path it was added with, needs no key.
 */
export function guard(
  app: FastifyInstance,
  apiKey: string | undefined,
  isOpen: (route: string) => boolean,
): void {
  app.addHook('onRequest', async (request, reply) => {
    if (!apiKey) return assertLocal(request);
    if (isOpen(request.routeOptions.url ?? '')) return;
    if (isKey(request.headers.authorization, apiKey)) return;
    void reply.header('www-authenticate', 'Bearer');
    throw new GraphwrightError('unauthorized', 'Send the API key as "Authorization: Bearer <key>"');
  });
}

/** Compares digests, which have one length and no common beginnings, in constant time. */
function isKey(header: string | undefined, apiKey: string): boolean {
  const given = /^Bearer +(\S+)$/i.exec(header ?? '')?.[1] ?? '';
  return timingSafeEqual(digest(given), digest(apiKey));
}

const digest = (text: string) => createHash('sha256').update(text).digest();

/** A page on the web can make a browser call this machine: by a name of its own, or across origins. */
function assertLocal({ headers, host }: FastifyRequest): void {
  const url = `http://${host}`;
  const name = URL.canParse(url) ? new URL(url).hostname.replaceAll(/[[\]]/g, '') : '';
  if (!isLoopback(name))
    throw new GraphwrightError(
      'forbidden',
      `The host ${JSON.stringify(host)} is not this machine; set an API key to serve other names`,
    );
  const { origin } = headers;
  if (origin !== undefined && origin !== url)
    throw new GraphwrightError(
      'forbidden',
      `Pages of ${origin} may not call this server; set an API key to let programs in`,
    );
}
