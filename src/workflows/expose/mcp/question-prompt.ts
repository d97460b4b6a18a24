import { listTerms, termsUri } from './ontology-resources.ts';
import type { PromptSource } from './prompts.ts';

/** Answers a question in words with the tools, knowing the terms that the graph uses. */
export const questionPrompt = (): PromptSource => ({
  name: 'answer_from_graph',
  description: 'Answer a question from the knowledge graph',
  argument: { name: 'question', description: 'The question, in words' },
  messages: async (store, question) => ({
    instruction: [
      `Answer this question from the knowledge graph: ${question}`,
      'The terms that the graph uses follow. Look at the saved queries first, then use the tools that change nothing. Name the things you rely on by their identifiers, and say so when the graph does not tell.',
    ].join('\n'),
    data: { uri: termsUri, mimeType: 'text/plain', text: await listTerms(store) },
  }),
});
