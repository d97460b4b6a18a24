import {
  InMemorySpanExporter,
  NodeTracerProvider,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-node';
import { openEmbedded } from '../../../dist/ontology/embedded/open-embedded.js';
import { Metrics } from '../../../dist/server/metrics.js';
import { observed } from '../../../dist/telemetry.js';
import { startTracing } from '../../../dist/tracing.js';
import { execute } from '../../../dist/workflows/execute.js';
import { input, plan, PlanOrder } from '../workflow.mjs';

const workflow = new PlanOrder({});

/** The same call while somebody watches; nothing else is open at the time. @type {readonly import('./list.mjs').Path[]} */
export const watched = [
  {
    name: 'metrics',
    label: 'execute, with metrics',
    by: 'ours',
    async open() {
      const { store, close } = await openEmbedded({});
      const metrics = new Metrics(store);
      return {
        call: () => execute(workflow, input),
        close() {
          metrics.close();
          return close();
        },
      };
    },
  },
  {
    name: 'tracing',
    label: 'execute, traced to an SDK',
    by: 'ours',
    async open() {
      const memory = new InMemorySpanExporter();
      const provider = new NodeTracerProvider({
        spanProcessors: [new SimpleSpanProcessor(memory)],
      });
      provider.register();
      const stop = await startTracing();
      let calls = 0;
      return {
        call() {
          if ((calls += 1) % 1000 === 0) memory.reset();
          return execute(workflow, input);
        },
        async close() {
          stop();
          await provider.shutdown();
          const { context, propagation, trace } = await import('@opentelemetry/api');
          for (const part of [context, propagation, trace]) part.disable();
        },
      };
    },
  },
  {
    name: 'bare',
    label: 'the work alone, awaited',
    by: 'by hand',
    open: async () => ({ call: async () => plan({ ...input, city: 'Ghent', priority: 'low' }) }),
  },
  {
    name: 'observed',
    label: 'the work alone, told to nobody',
    by: 'ours',
    beside: 'bare',
    open: async () => ({
      call: () =>
        observed(
          () => ({ kind: 'run', name: 'run plan_order', attributes: {} }),
          async () => plan({ ...input, city: 'Ghent', priority: 'low' }),
        ),
    }),
  },
];
