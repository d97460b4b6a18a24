import type { FastifyInstance } from 'fastify';
import { GraphwrightError } from '../errors.ts';
import type { OntologyStore } from '../ontology/store.ts';
import type { KeyAccess } from './access.ts';
import type { Metrics } from './metrics.ts';

/** Adds `/metrics`, in the text format of Prometheus, for keys that may read it. */
export function addMetrics(app: FastifyInstance, access: KeyAccess, store: OntologyStore): void {
  // Until it is listened to, nothing is counted.
  let metrics: Metrics | undefined;
  app.addHook('onReady', async () => {
    const { Metrics } = await import('./metrics.ts');
    metrics = new Metrics(store);
  });
  app.addHook('onClose', async () => metrics?.close());
  const schema = {
    operationId: 'metrics',
    tags: ['health'],
    summary: 'What is counted and timed, as Prometheus reads it',
    response: {
      200: { description: 'Metrics', content: { 'text/plain': { schema: { type: 'string' } } } },
    },
  };
  app.get('/metrics', { schema }, async (request, reply) => {
    if (!access.mayReadMetrics(request))
      throw new GraphwrightError(
        'forbidden',
        'This key may not read /metrics: give it metrics: true',
      );
    const { contentType } = metrics!;
    return reply.type(contentType).send(await metrics!.text());
  });
}
