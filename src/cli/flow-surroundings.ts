import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { builtInAgents } from '../agents/built-in.ts';
import type { Configuration } from '../configuration-schema.ts';
import { GraphwrightError } from '../errors.ts';
import type { OntologyStore } from '../ontology/store.ts';
import type { FlowSurroundings } from '../workflows/conversations/flows/check-definition.ts';

/** What flows may name, and the store that what they name works with. */
export interface Surroundings extends FlowSurroundings {
  readonly store: OntologyStore;
}

/**
 * Reads flows among what they may name: the workflows and agents of the configuration. The data is left alone,
 * which a server may have.
 * @param read Throws `invalid_configuration` for flows that name what is not there.
 */
export async function withSurroundings<Value>(
  configuration: Configuration,
  read: (around: Surroundings) => Promise<Value>,
): Promise<Value> {
  if (configuration.workflows !== undefined) return inApplication(configuration, read);
  const defined = configuration.agents.definitions;
  const agents = [...new Set([...builtInAgents, ...defined].map(({ name }) => name))];
  try {
    // Most flows name no workflow, and all workflows take longer to load than everything else.
    return await read({ store: unopened, agents, workflows: [] });
  } catch (thrown) {
    if (GraphwrightError.from(thrown).code !== 'invalid_configuration') throw thrown;
    const { toolkitWorkflows } = await import('../server/application.ts');
    const workflows = await toolkitWorkflows(configuration, unopenedParts);
    return read({ store: unopened, agents, workflows });
  }
}

/** Stands for a part of an application where flows and workflows are only told of, and none of them runs. */
const unopened = new Proxy(
  {},
  {
    get(_, key) {
      throw new GraphwrightError('internal', `${String(key)} was asked of what was not opened`);
    },
  },
) as never;

const unopenedParts = {
  store: unopened,
  runs: unopened,
  approvals: unopened,
  talk: unopened,
  customers: unopened,
  language: unopened,
  email: unopened,
};

/** A module of one's own makes its workflows and agents of the parts of an application: one without data. */
async function inApplication<Value>(
  configuration: Configuration,
  read: (around: Surroundings) => Promise<Value>,
): Promise<Value> {
  const { openApplication } = await import('../server/application.ts');
  const data = await mkdtemp(join(tmpdir(), 'graphwright-flows-'));
  try {
    const { runs, store } = configuration;
    const application = await openApplication({
      ...configuration,
      data,
      // The flows may be what is wrong.
      flows: data,
      tracing: 'off',
      conversations: {},
      runs: { ...runs, databaseUrl: undefined },
      store: { ...store, queryUrl: undefined, updateUrl: undefined },
    });
    try {
      const { workflows, agents } = application;
      const names = agents.list().map(({ name }) => name);
      return await read({ store: application.store, workflows, agents: names });
    } finally {
      await application.close();
    }
  } finally {
    await rm(data, { recursive: true, force: true });
  }
}
