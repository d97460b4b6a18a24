import { afterAll } from 'vitest';
import type { BaseChatModel } from '@langchain/core/language_models/chat_models';
import type { AgentsConfiguration } from '../../src/agents/agents-configuration.ts';
import { Agents } from '../../src/agents/agents.ts';
import { openStateFile, type StateFile } from '../../src/ontology/embedded/state-file.ts';
import { scriptedModel, type ScriptedReply } from '../../src/testing/scripted-model.ts';
import { FailOnDemand, PlanOrder, SearchShelf, WaitForever } from './sample-workflows.ts';

/** Agents whose models say what a test lets them, over the sample workflows and a state file in memory. */
export interface AgentKit extends AsyncDisposable {
  agents: Agents;
  state: StateFile;
  /** The models by their names, once they are in use. */
  models: Map<string, BaseChatModel>;
}

let opened: Promise<StateFile> | undefined;
/** One for all tests of a file, each of which has threads of its own. */
const shared = () => (opened ??= openStateFile({ path: ':memory:' }));
afterAll(async () => (await opened)?.close());

/** Each model, by its name, gives its replies in order; agents that name none have the one called `model`. */
export async function agentKit(
  scripts: Record<string, readonly ScriptedReply[]>,
  parts: Partial<AgentsConfiguration> = {},
): Promise<AgentKit> {
  const state = await shared();
  const models = new Map<string, BaseChatModel>();
  const agents = new Agents({
    state,
    workflows: [new PlanOrder({}), new SearchShelf({}), new FailOnDemand({}), new WaitForever({})],
    model: 'model',
    async loadModel(name) {
      const model = await scriptedModel(...(scripts[name] ?? []));
      models.set(name, model);
      return model;
    },
    ...parts,
  });
  return {
    agents,
    state,
    models,
    [Symbol.asyncDispose]: () => agents.close(),
  };
}

/** What each call of a scripted model was given. */
export const callsOf = (model: BaseChatModel | undefined) =>
  (model as unknown as { calls: { messages: { getType(): string; text: string }[] }[] }).calls.map(
    ({ messages }) => messages.map((message) => [message.getType(), message.text] as const),
  );
