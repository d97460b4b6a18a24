import type { FastifyInstance, FastifyRequest } from 'fastify';
import { GraphwrightError } from '../errors.ts';
import { begin, placeIn, type Observation } from '../telemetry.ts';

/** Tells those who watch of each request, by OpenTelemetry's conventions for HTTP. */
export function observeRequests(app: FastifyInstance): void {
  const underWay = new WeakMap<FastifyRequest, Observation>();
  const failures = new WeakMap<FastifyRequest, Error>();
  app.addHook('onRequest', (request, reply, done) => {
    const seen = begin(() => ({
      kind: 'request',
      name: `${request.method} ${routeOf(request)}`,
      attributes: {
        'http.request.method': request.method,
        'http.route': routeOf(request),
        'url.scheme': request.protocol,
      },
      parent: placeIn(request.headers),
    }));
    if (!seen) return done();
    underWay.set(request, seen);
    reply.raw.once('close', () => {
      const { statusCode, writableEnded } = reply.raw;
      const left = writableEnded ? undefined : { 'graphwright.client_left': true };
      seen.set({ 'http.response.status_code': statusCode, ...left });
      seen.end(failure(statusCode, failures.get(request)));
    });
    seen.within(done);
  });
  // A body is read in the socket's own turn, which knows nothing of the request.
  app.addHook('preValidation', (request, _reply, done) => {
    const seen = underWay.get(request);
    if (seen) seen.within(done);
    else done();
  });
  app.addHook('onError', (request, _reply, error, done) => {
    failures.set(request, error);
    done();
  });
}

/** The path that the route was added with; of one that is nobody's, nothing is told. */
const routeOf = ({ routeOptions: { url } }: FastifyRequest): string => url ?? 'unknown';

/** Of a server only what is its own fault is an error. */
function failure(status: number, thrown?: Error): GraphwrightError | undefined {
  return status < 500 ? undefined : GraphwrightError.from(thrown ?? `Answered ${status}`);
}
