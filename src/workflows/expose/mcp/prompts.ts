import {
  ProtocolError,
  ProtocolErrorCode,
  type GetPromptResult,
  type Prompt,
  type Server,
} from '@modelcontextprotocol/server';
import { z } from 'zod';
import { suggest } from '../../../nearest.ts';
import type { OntologyStore } from '../../../ontology/store.ts';
import { parse } from '../../../parse.ts';
import { customerPrompt } from './customer-prompt.ts';
import { protocolError } from './protocol-error.ts';
import { questionPrompt } from './question-prompt.ts';
import { savedQueryPrompt } from './saved-query-prompt.ts';

/** A prompt with one argument, filled from the graph. */
export interface PromptSource {
  name: string;
  description: string;
  argument: { name: string; description: string };
  /** Values that begin with what was typed so far. */
  complete?(typed: string): Promise<string[]>;
  /** What to do, and what is known; each becomes a message. */
  messages(store: OntologyStore, value: string): Promise<PromptText>;
}

/** The words of a prompt, and the data they are about, apart from each other. */
export interface PromptText {
  instruction: string;
  data: { uri: string; mimeType: string; text: string };
}

/** The most that a client offers as completions at once. */
const most = 100;

/** Offers prompts over the graph, and completes their arguments. */
export function addPrompts(server: Server, store: OntologyStore): void {
  const sources: PromptSource[] = [customerPrompt(store), savedQueryPrompt(), questionPrompt()];
  const find = (name: string) => sources.find((source) => source.name === name);
  server.setRequestHandler('prompts/list', () => ({ prompts: sources.map(promptOf) }));
  server.setRequestHandler('prompts/get', async ({ params }) => {
    const source = find(params.name);
    if (source) return fill(source, store, params.arguments).catch(protocolError);
    const names = sources.map(({ name }) => name);
    throw new ProtocolError(
      ProtocolErrorCode.InvalidParams,
      `No prompt ${params.name}; ${suggest(params.name, names)}`,
    );
  });
  server.setRequestHandler('completion/complete', async ({ params: { ref, argument } }) => {
    const source = ref.type === 'ref/prompt' ? find(ref.name) : undefined;
    const values = (await source?.complete?.(argument.value).catch(protocolError)) ?? [];
    const hasMore = values.length > most;
    return { completion: { values: values.slice(0, most), hasMore } };
  });
}

const promptOf = ({ name, description, argument }: PromptSource): Prompt => ({
  name,
  description,
  arguments: [{ ...argument, required: true }],
});

async function fill(
  { name, description, argument, messages }: PromptSource,
  store: OntologyStore,
  given: Record<string, string> | undefined,
): Promise<GetPromptResult> {
  const schema = z.strictObject({ [argument.name]: z.string().trim().min(1).max(1_000) });
  const values = parse(schema, given ?? {}, 'invalid_parameters', name);
  const { instruction, data } = await messages(store, values[argument.name]!);
  return {
    description,
    messages: [
      { role: 'user', content: { type: 'text', text: instruction } },
      { role: 'user', content: { type: 'resource', resource: data } },
    ],
  };
}
