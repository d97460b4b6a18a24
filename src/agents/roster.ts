import { GraphwrightError } from '../errors.ts';
import { suggest } from '../nearest.ts';
import { parse } from '../parse.ts';
import { forAssistants } from '../workflows/expose/tool-groups.ts';
import type { AnyWorkflow } from '../workflows/workflow.ts';
import { builtInAgents } from './built-in.ts';
import { AgentDefinition, type Agent } from './definition.ts';

/** The name of the tool by which one agent asks another. */
export const askingTool = (agent: string): string => `ask_${agent}`;

/**
 * The agents by their names: the built-in ones, and those that are defined.
 * @throws GraphwrightError `invalid_configuration` for two of one name, for a tool or an agent that does not
 * exist, and for agents that would ask each other in a circle.
 */
export function roster(
  definitions: readonly AgentDefinition[],
  workflows: readonly AnyWorkflow[],
): ReadonlyMap<string, Agent> {
  const defined = definitions.map(readDefinition);
  const agents = new Map(builtInAgents.map(readDefinition).map((agent) => [agent.name, agent]));
  for (const agent of defined) agents.set(agent.name, agent);
  const names = defined.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw invalid(`Two agents are named ${twice}`);
  for (const agent of defined) assertKnown(agent, agents, workflows);
  for (const agent of agents.values()) assertNoCircle(agent, agents, []);
  return agents;
}

/** @throws GraphwrightError `invalid_configuration` */
export const readDefinition = (definition: { name: string }): Agent =>
  parse(AgentDefinition, definition, 'invalid_configuration', `Agent ${definition.name}`);

/** The workflows that an agent has as tools, in the order in which they are listed. */
export const workflowsOf = (
  { tools, groups }: Pick<Agent, 'tools' | 'groups'>,
  workflows: readonly AnyWorkflow[],
): AnyWorkflow[] =>
  forAssistants(workflows).filter(
    ({ name, hints, group }) =>
      tools.includes('*') ||
      tools.includes(name) ||
      (tools.includes('readOnly') && hints.readOnly) ||
      (group !== undefined && groups.includes(group)),
  );

function assertKnown(
  { name, tools, groups, agents: asked }: Agent,
  agents: ReadonlyMap<string, Agent>,
  workflows: readonly AnyWorkflow[],
): void {
  const offered = forAssistants(workflows).map((workflow) => workflow.name);
  const known = [...new Set(workflows.flatMap(({ group }) => group ?? []))];
  for (const tool of tools)
    if (!['*', 'readOnly', ...offered].includes(tool))
      throw invalid(`Agent ${name}: no workflow ${tool}; ${suggest(tool, offered)}`);
  for (const group of groups)
    if (!known.includes(group))
      throw invalid(`Agent ${name}: no group ${group}; ${suggest(group, known)}`);
  for (const other of asked) {
    if (!agents.has(other))
      throw invalid(`Agent ${name}: no agent ${other}; ${suggest(other, [...agents.keys()])}`);
    if (offered.includes(askingTool(other)))
      throw invalid(
        `Agent ${name}: the workflow ${askingTool(other)} and the agent ${other} would be one tool`,
      );
  }
}

function assertNoCircle(
  agent: Agent,
  agents: ReadonlyMap<string, Agent>,
  path: readonly string[],
): void {
  const longer = [...path, agent.name];
  if (path.includes(agent.name))
    throw invalid(`Agents ask each other in a circle: ${longer.join(', ')}`);
  for (const other of agent.agents) assertNoCircle(agents.get(other)!, agents, longer);
}

const invalid = (message: string) => new GraphwrightError('invalid_configuration', message);
