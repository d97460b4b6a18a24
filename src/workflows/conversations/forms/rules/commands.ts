import { labelOf, optionsOf, slugOf, type Field } from '../field.ts';
import type { FormMessage, ResponseKind } from '../understanding.ts';
import { saysNo, saysYes } from './words.ts';

const polite = String.raw`(?:(?:please|ok(?:ay)?|no|well)[,\s]+)?`;
const end = String.raw`(?:[\s,]+(?:please|thanks|thank you|it|this|that|everything|for now|all of it))*[\s.!?]*$`;
const command = (words: string) => new RegExp(`^\\s*${polite}(?:${words})${end}`, 'i');

const commands: readonly (readonly [ResponseKind, RegExp])[] = [
  [
    'cancel',
    command(
      `cancel|stop|quit|exit|abort|forget (?:it|about it)|never ?mind|i want to (?:stop|cancel|quit)|let['’]?s stop`,
    ),
  ],
  [
    'skip',
    command(
      `skip|pass|(?:can|could|may) (?:i|we) skip|skip (?:it|this|that|this one|the question)|n/?a|not applicable|(?:i['’]d )?rather not(?: say)?|prefer not to say|leave (?:it )?(?:empty|blank)|no (?:comment|answer)`,
    ),
  ],
  [
    'done',
    command(
      `done|that['’]?s all|that is all|that['’]?s it|finish(?:ed)?|i['’]?m done|nothing else|no more`,
    ),
  ],
];

/** What a message is when it is nothing but a command, or yes or no to the summary; undefined otherwise. */
export function commandIn({ text, asked, review }: FormMessage): ResponseKind | undefined {
  if (asked && isAnswer(text, asked)) return undefined;
  if (review && saysYes(text)) return 'confirmation';
  if (review && (saysNo(text) || changes.test(text))) return 'rejection';
  return commands.find(([, words]) => words.test(text))?.[0];
}

const changes =
  /^\s*(?:i (?:want|need|would like) to |please )?(?:change|correct|edit|fix) (?:something|it|this|that|a thing)[\s.!]*$/i;

/** An option that is called like a command is an answer. */
const isAnswer = (text: string, asked: Field): boolean =>
  asked.type === 'choice' &&
  optionsOf(asked).some(({ value, label }) =>
    [slugOf(value), slugOf(label)].includes(slugOf(text)),
  );

const asks =
  /^\s*(?:(?:sorry|well|hm+|but|and|ok(?:ay)?|wait)[,\s]+)*(?:what|why|how|when|where|which|who|whose|can|could|do|does|did|is|are|am|will|would|should|may|must|have|has)\b/i;
const asksWithoutMark =
  /^\s*(?:(?:sorry|but|wait)[,\s]+)?(?:(?:what|why|how)\s+(?:do|does|did|is|are|if|about|should|can|for|would)\b|why\s*$|(?:what|how)\s*$|help\b|i (?:do not|don['’]?t) understand\b|(?:can|could) you (?:explain|tell)\b)/i;

/** Whether a message asks something rather than saying it. `London?` is an answer. */
export const isQuestion = (text: string): boolean =>
  (/\?[\s!?)"']*$/.test(text) && asks.test(text)) || asksWithoutMark.test(text);

const corrects =
  /^\s*(?:no|nope|nah|actually|sorry|wait|oops|correction|not quite|wrong)\b[\s,.:;!-]+\S|\b(?:i meant|i mean|should (?:be|have been)|instead of|(?:change|correct|update|replace|fix|set|edit) (?:my|the|it)|made a mistake|(?:was|is|were) wrong|is actually|was actually)\b/i;

/** Whether a message takes back something that was said before. */
export const isCorrection = (text: string): boolean => corrects.test(text);

/** The words by which users may call a field. */
export const namesOf = (field: Field): readonly string[] => [
  ...new Set([labelOf(field), ...(field.aliases ?? []), field.name.toLowerCase()]),
];
