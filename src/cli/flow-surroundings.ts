import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Configuration } from '../configuration-schema.ts';
import type { CompileFlowOptions } from '../workflows/conversations/flows/compile-flow.ts';

/**
 * What flows may name: the workflows and agents of the configuration. The data is left alone, which a server may
 * have, and so are the flows, which may be what is wrong.
 */
export async function withSurroundings<Value>(
  configuration: Configuration,
  action: (options: CompileFlowOptions) => Promise<Value>,
): Promise<Value> {
  const { openApplication } = await import('../server/application.ts');
  const data = await mkdtemp(join(tmpdir(), 'graphwright-flows-'));
  try {
    const { runs, store } = configuration;
    const application = await openApplication({
      ...configuration,
      data,
      flows: data,
      tracing: 'off',
      conversations: {},
      runs: { ...runs, databaseUrl: undefined },
      store: { ...store, queryUrl: undefined, updateUrl: undefined },
    });
    try {
      const { workflows, agents } = application;
      return await action({ workflows, agents: agents.list().map(({ name }) => name) });
    } finally {
      await application.close();
    }
  } finally {
    await rm(data, { recursive: true, force: true });
  }
}
