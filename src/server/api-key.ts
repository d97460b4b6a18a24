import { isIP } from 'node:net';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { GraphwrightError } from '../errors.ts';
import { keyGiven, type Key } from './keys.ts';
import { remember } from './remember.ts';

/** Whether only this machine can reach an address. */
export const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));

/**
 * @param keys How many keys there are besides `apiKey`.
 * @throws GraphwrightError `invalid_configuration` for a host that others reach while no key is set.
 */
export function assertGuarded(host: string, apiKey: string | undefined, keys = 0): void {
  if (apiKey || keys > 0 || isLoopback(host)) return;
  throw new GraphwrightError(
    'invalid_configuration',
    `Others can reach ${host}, so an API key is needed: set GRAPHWRIGHT_SERVER_API_KEY to at least 16 characters, or listen on 127.0.0.1`,
  );
}

/** Whom to let in. */
export interface Guarding {
  keys: readonly Key[];
  /** Whether a route, by the path it was added with, needs no key. */
  isOpen(route: string): boolean;
  /** Told of each caller that was let in by a key. */
  onAdmitted(request: FastifyRequest, key: Key): void;
}

/** Lets in only callers with a key; where none is set, only this machine's own programs and pages. */
export function guard(app: FastifyInstance, { keys, isOpen, onAdmitted }: Guarding): void {
  app.addHook('onRequest', (request, reply, done) => {
    if (keys.length === 0) return done(refusalOf(request));
    if (isOpen(request.routeOptions.url ?? '')) return done();
    const key = keyGiven(request.headers.authorization, keys);
    if (key) {
      onAdmitted(request, key);
      return done();
    }
    void reply.header('www-authenticate', 'Bearer');
    done(new GraphwrightError('unauthorized', 'Send the API key as "Authorization: Bearer <key>"'));
  });
}

const isLocal = remember<boolean, undefined>((url) => {
  const name = URL.canParse(url) ? new URL(url).hostname.replaceAll(/[[\]]/g, '') : '';
  return isLoopback(name);
});

/** A page on the web can make a browser call this machine: by a name of its own, or across origins. */
function refusalOf({ headers, host }: FastifyRequest): GraphwrightError | undefined {
  const url = `http://${host}`;
  if (!isLocal(url, undefined))
    return new GraphwrightError(
      'forbidden',
      `The host ${JSON.stringify(host)} is not this machine; set an API key to serve other names`,
    );
  const { origin } = headers;
  if (origin === undefined || origin === url) return undefined;
  return new GraphwrightError(
    'forbidden',
    `Pages of ${origin} may not call this server; set an API key to let programs in`,
  );
}
