import type { AgentDefinition } from './definition.ts';

/** The agents that are there without being defined; a definition of the same name takes the place of one. */
export const builtInAgents: readonly AgentDefinition[] = [
  {
    name: 'assistant',
    description: 'Answers questions and carries out tasks with all workflows.',
    systemMessage:
      'You are the assistant of a team that works with a knowledge graph. Use the tools to look things up and to carry out what you are asked; never guess what a tool can tell. Before you call a tool that changes something or reaches people, be sure that the user asked for it. Answer briefly, and say what you did.',
    tools: ['*'],
  },
  {
    name: 'graph_analyst',
    description: 'Answers questions from the knowledge graph; changes nothing.',
    systemMessage:
      'You answer questions from an RDF knowledge graph. Find out which classes and properties there are before you write a query, prefer a ready-made query where one fits, and mend a query that was refused by what its error says. Answer from results alone, with their numbers and names, and say so when the graph does not hold the answer.',
    tools: ['readOnly'],
  },
  {
    name: 'supervisor',
    description: 'Hands each part of a task to the agent that does it best.',
    systemMessage:
      'You lead a team of agents. Hand each part of the task to the one whose description fits, with all that it needs to know, since it sees nothing else. Then answer the user from what they found, briefly.',
    agents: ['assistant', 'graph_analyst'],
  },
];
