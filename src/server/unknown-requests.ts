import type { FastifyInstance } from 'fastify';
import { GraphwrightError } from '../errors.ts';
import { sendProblem } from '../workflows/expose/problem.ts';

/**
 * Makes an app answer what no route takes: 405 with Allow at a path that takes other methods, 404 elsewhere.
 * To be called before any route is added.
 */
export function answerUnknownRequests(app: FastifyInstance): void {
  const routes: { pattern: RegExp; methods: readonly string[] }[] = [];
  app.addHook('onRoute', ({ url, method }) => {
    routes.push({ pattern: patternOf(url), methods: [method].flat() });
  });
  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?', 1)[0]!;
    const methods = routes
      .filter(({ pattern }) => pattern.test(path))
      .flatMap((each) => each.methods);
    const allowed = [...new Set(methods)].toSorted().join(', ');
    if (!allowed) {
      const message = `Nothing is offered at ${request.method} ${path}`;
      return sendProblem(new GraphwrightError('not_found', message), request, reply);
    }
    const message = `${path} does not take ${request.method}; it takes ${allowed}`;
    const error = new GraphwrightError('method_not_allowed', message);
    return sendProblem(error, request, reply.header('allow', allowed));
  });
}

/** A route's path as Fastify reads it: `:name` stands for one segment, `*` for the rest. */
const patternOf = (url: string): RegExp =>
  new RegExp(
    `^${url
      .split(/(:\w+|\*)/)
      .map((part, index) => {
        if (index % 2 === 0) return part.replaceAll(/[.+?^${}()|[\]\\]/g, String.raw`\$&`);
        return part === '*' ? '.*' : '[^/]+';
      })
      .join('')}/?$`.replace('//?$', '/?$'),
  );
