import { conversationAgents } from '../agents/conversation-agents.ts';
import type { Agents } from '../agents/agents.ts';
import type { Configuration } from '../configuration-schema.ts';
import { variablesOf } from '../configuration.ts';
import type { GraphwrightError } from '../errors.ts';
import type { StateFile } from '../ontology/embedded/state-file.ts';
import type { OntologyStore } from '../ontology/store.ts';
import { Conversations } from '../workflows/conversations/engine/conversations.ts';
import type { CompiledFlow } from '../workflows/conversations/flow.ts';
import { openConversationStorage } from '../workflows/conversations/settings/open-storage.ts';
import { readConversationSettings } from '../workflows/conversations/settings/read-settings.ts';
import { ResourceMonitor } from '../workflows/conversations/system/resource-monitor.ts';
import { mainTenant, tenantOf } from '../workflows/conversations/surfaces/tenant.ts';
import type { Caller } from '../workflows/expose/caller.ts';
import type { Runs } from '../workflows/runs/runs.ts';
import type { AnyWorkflow } from '../workflows/workflow.ts';
import { configuredFlows } from './configured-flows.ts';
import { keysOf } from './keys.ts';

/** What conversations work with in an application. */
export interface ConversationParts {
  store: OntologyStore;
  state: StateFile;
  runs: Runs;
  workflows: readonly AnyWorkflow[];
  agents: Agents;
  /** Flows besides those of the configured directory. */
  flows: readonly CompiledFlow[];
  warn: (error: GraphwrightError) => void;
}

/**
 * Opens the conversations of an application, with the {@link configuredFlows}.
 * @returns Them, and what closes them together with their storage.
 * @throws GraphwrightError `invalid_configuration` with all that is wrong with the flows, by file and line.
 */
export async function openConversations(
  configuration: Configuration,
  { store, state, runs, workflows, agents, flows: own, warn }: ConversationParts,
): Promise<{ conversations: Conversations; close(): Promise<void> }> {
  const settings = readConversationSettings({
    settings: configuration.conversations,
    file: 'conversations',
    environment: variablesOf(),
  });
  const callerOf = callersBy(configuration);
  const flows = await configuredFlows(configuration, {
    store,
    own,
    settings: settings.flowDefaults,
    workflows,
    agents: agents.list().map(({ name }) => name),
  });
  const storage = await openConversationStorage(settings, { state });
  try {
    const conversations = await Conversations.open({
      storage,
      settings: settings.engine,
      codec: settings.codec,
      flows,
      agents: conversationAgents(agents, { callerOf }),
      runs: runsFor(runs, callerOf),
      workflows,
      onWarning: warn,
    });
    const { resourceMonitoring } = settings.settings.performance;
    const monitor = resourceMonitoring ? new ResourceMonitor({ onWarning: warn }) : undefined;
    const close = async () => {
      monitor?.close();
      await conversations.close();
      await storage.close();
    };
    return { conversations, close };
  } catch (thrown) {
    await storage.close();
    throw thrown;
  }
}

/** Who the tenants are: a conversation may have done for somebody what they may do themselves. */
function callersBy({ server: { keys: configured } }: Configuration): (tenant: string) => Caller {
  const keys = keysOf(undefined, configured);
  const callers = new Map<string, Caller>(keys.map((key) => [tenantOf(key.name), key]));
  // The key of a tenant that is unknown was taken away, and may do nothing any more.
  const gone = { workflows: [], agents: [], approve: [], rights: { read: [], write: [] } };
  return (tenant) =>
    tenant === mainTenant ? {} : (callers.get(tenant) ?? { name: tenant, ...gone });
}

/** Runs that belong to whoever the conversation belongs to. */
const runsFor = (
  runs: Runs,
  callerOf: (tenant: string) => Caller,
): Pick<Runs, 'start' | 'wait' | 'get'> => ({
  start: (workflow, parameters, options = {}) => {
    const { owner: tenant } = options;
    const owner = tenant === undefined ? undefined : callerOf(tenant).name;
    return runs.start(workflow, parameters, { ...options, owner });
  },
  wait: (id, milliseconds, signal) => runs.wait(id, milliseconds, signal),
  get: (id) => runs.get(id),
});
