import type { Turn } from './threads.ts';
import type { StoredMessage } from './stored-messages.ts';

/** What is remembered of a thread, and by whom. */
export interface Remembering {
  agent: string;
  /** Whether what other agents said is remembered too. */
  shared: boolean;
  /** Tokens, at most. */
  limit: number;
}

/**
 * What an agent remembers of a thread, the oldest first: whole turns, so that each tool's result stays with
 * its call. Of other agents' turns, and of one that would be too long, it is the question and the answer.
 */
export function remembered(
  turns: readonly Turn[],
  { agent, shared, limit }: Remembering,
): StoredMessage[] {
  const kept: StoredMessage[][] = [];
  let left = limit;
  for (const turn of turns.toReversed()) {
    const own = turn.agent === agent;
    if (!own && !shared) continue;
    const forms = own ? [turn.messages, essence(turn)] : [essence(turn)];
    const fitting = forms.find((form) => tokensOf(form) <= left);
    if (!fitting) break;
    left -= tokensOf(fitting);
    kept.unshift(fitting);
  }
  return kept.flat();
}

const essence = ({ messages }: Turn): StoredMessage[] => {
  const question = messages[0]!;
  const answer = messages.at(-1)!;
  return [question, { role: 'assistant', text: answer.text }];
};

/** About as many as models count: four characters each. */
export const estimateTokens = (text: string): number => Math.ceil(text.length / 4);

const tokensOf = (messages: readonly StoredMessage[]) =>
  messages.reduce((sum, message) => sum + estimateTokens(JSON.stringify(message)), 0);
