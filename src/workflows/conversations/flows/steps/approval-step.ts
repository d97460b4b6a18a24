import type { StepResult } from '../../flow.ts';
import { textOf } from '../../message.ts';
import type { StepOf } from '../definition.ts';
import { found, promptIn, type Execute, type StepParts } from './step-parts.ts';

/** The words that count as a yes and as a no, in small letters. */
const answers: Readonly<Record<string, 'approved' | 'rejected'>> = Object.fromEntries([
  ...['approved', 'approve', 'yes', 'y', 'ok', 'okay', 'accept', 'accepted', 'agreed', '1'].map(
    (word) => [word, 'approved'] as const,
  ),
  ...['rejected', 'reject', 'no', 'n', 'decline', 'declined', 'refuse', 'deny', '2'].map(
    (word) => [word, 'rejected'] as const,
  ),
]);

const options = [
  { value: 'approved', label: 'Approve' },
  { value: 'rejected', label: 'Reject' },
];

/** `approval`: somebody agrees or does not, and who that was is kept as `<key>_by`. */
export function approvalStep({ step }: StepParts<StepOf<'approval'>>): Execute {
  return (input, context) => {
    const prompt = promptIn(step, context);
    if (input.kind !== 'message') return asked(prompt);
    const { message } = input;
    const who = message.userId ?? context.session.userId;
    if (step.approvers && !(who !== undefined && step.approvers.includes(who)))
      return asked(`This waits for the approval of ${step.approvers.join(' or ')}.`);
    const words =
      message.content === true ? 'yes' : message.content === false ? 'no' : textOf(message);
    const word = words
      .trim()
      .toLowerCase()
      .replace(/[.!]+$/, '');
    const answer = Object.hasOwn(answers, word) ? answers[word] : undefined;
    if (!answer) return asked(`Please answer with approve or reject. ${prompt}`);
    const { id, storeAs = id } = step;
    return found(step, context, answer, { update: { [`${storeAs}_by`]: who ?? null } });
  };
}

const asked = (words: string): StepResult => ({
  action: 'repeat',
  response: { content: words, expects: { kind: 'approval', options, required: true } },
});
