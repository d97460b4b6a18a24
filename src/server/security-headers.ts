import fastifyHelmet from '@fastify/helmet';
import fastify, { type FastifyInstance } from 'fastify';

/** What the pages at /docs need, and nothing from anywhere else. */
const policy = {
  defaultSrc: ["'self'"],
  imgSrc: ["'self'", 'data:'],
  styleSrc: ["'self'", "'unsafe-inline'"],
  // The server itself speaks HTTP; asking browsers for HTTPS is for the proxy in front of it.
  upgradeInsecureRequests: null,
};

/** Gives every answer the headers that helmet sets. They are always the same, so it is asked for them once. */
export async function addSecurityHeaders(app: FastifyInstance): Promise<void> {
  const headers = new Map(await helmetHeaders());
  app.addHook('onRequest', (_request, { raw }, done) => {
    raw.setHeaders(headers);
    done();
  });
}

async function helmetHeaders(): Promise<[name: string, value: string][]> {
  const sample = fastify();
  await sample.register(fastifyHelmet, { contentSecurityPolicy: { directives: policy } });
  let headers: [string, string][] = [];
  sample.get('/', (_request, { raw }) => {
    headers = Object.entries(raw.getHeaders()).map(([name, value]) => [name, String(value)]);
    return '';
  });
  await sample.inject('/');
  await sample.close();
  return headers;
}
