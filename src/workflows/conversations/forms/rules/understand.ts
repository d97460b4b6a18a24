import type * as Chrono from 'chrono-node/en';
import type { Field } from '../field.ts';
import type { Candidate, FormMessage, FormReader, Understanding } from '../understanding.ts';
import { commandIn, isCorrection, isQuestion } from './commands.ts';
import { mentionsIn } from './mentions.ts';
import { readers, spotted } from './readers.ts';
import { blanked, verdictOf, type Reading, type ReadingContext } from './reading.ts';

/** How much of a message is read: nobody gives answers in a longer one, and reading it would hold up others. */
export const longestRead = 2000;

/** Reads messages by rules: what is named first, then what is told apart by its kind, then what was asked for. */
export class RulesReader implements FormReader {
  async understand(message: FormMessage): Promise<Understanding> {
    return understandByRules(message, await datesFor(message.form.fields));
  }
}

/** Chrono-node is loaded by the first form with a date. */
export const datesFor = async (fields: readonly Field[]): Promise<typeof Chrono | undefined> =>
  fields.some(({ type }) => type === 'date' || type === 'datetime')
    ? import('chrono-node/en')
    : undefined;

function understandByRules(message: FormMessage, dates?: typeof Chrono): Understanding {
  const { text, asked, review } = message;
  const nothing = { candidates: [], reopened: [], notes: [] };
  const command = commandIn(message);
  if (command) return { ...nothing, response: command };
  const takesQuestions = asked && (asked.takesQuestions ?? asked.type === 'text');
  if (isQuestion(text) && !takesQuestions) return { ...nothing, response: 'question' };
  const reading = new MessageReading(message, { now: message.now, dates });
  const { candidates, reopened } = reading.read();
  const corrects = candidates.some((each) => each.corrects) || reopened.length > 0;
  if (candidates.length === 0 && reopened.length === 0) return { ...nothing, response: 'unknown' };
  return {
    response: corrects || review ? 'correction' : 'answer',
    candidates,
    reopened,
    notes: text.length > longestRead ? [`Of the message ${longestRead} characters were read`] : [],
  };
}

/** The reading of one message; what was read is blanked, so that nothing is read twice. */
class MessageReading {
  readonly #message: FormMessage;
  readonly #context: Omit<ReadingContext, 'meant'>;
  readonly #corrects: boolean;
  readonly #found = new Map<string, Candidate>();
  readonly #reopened: string[] = [];
  #rest: string;

  constructor(message: FormMessage, context: Omit<ReadingContext, 'meant'>) {
    this.#message = message;
    this.#context = context;
    this.#rest = message.text.slice(0, longestRead);
    this.#corrects = message.review || isCorrection(message.text);
  }

  read(): Pick<Understanding, 'candidates' | 'reopened'> {
    this.#named();
    this.#spotted();
    this.#asked();
    return { candidates: [...this.#found.values()], reopened: this.#reopened };
  }

  #named(): void {
    const { form } = this.#message;
    const free = ['text', 'name', 'place', 'choice'];
    for (const { field, said, start, from, joined } of mentionsIn(this.#rest, form.fields)) {
      if (this.#found.has(field.name)) continue;
      const context = { ...this.#context, meant: true };
      const trimmed = said.replace(/^\s*(?:to|is)\s+/i, (lead) => ' '.repeat(lead.length));
      const found =
        joined || !free.includes(field.type)
          ? readers[field.type](trimmed, field, context)
          : undefined;
      if (found) this.#take(field, { ...found, start, end: from + found.end });
      else if (this.#corrects && this.#message.values[field.name] !== undefined)
        this.#reopened.push(field.name);
    }
  }

  #spotted(): void {
    const { asked } = this.#message;
    // Who writes freely mentions all sorts of things that are meant for no field.
    const free = asked?.type === 'text' || asked?.custom === true;
    if (free && !this.#corrects) return;
    for (const type of spotted) {
      const field = this.#fieldOf(type);
      if (!field) continue;
      const meant = field === this.#message.asked && type !== 'name' && type !== 'place';
      const found = readers[type](this.#rest, field, { ...this.#context, meant });
      if (found) this.#take(field, found);
    }
  }

  /** The one field that an unnamed value of a type can be for. */
  #fieldOf(type: Field['type']): Field | undefined {
    const { form, asked, values } = this.#message;
    const open = form.fields.filter((field) => field.type === type && !this.#found.has(field.name));
    if (asked && open.includes(asked)) return asked;
    const missing = open.filter(({ name }) => values[name] === undefined);
    const [only, other] = missing.length === 0 ? open : missing;
    return other === undefined ? only : undefined;
  }

  #asked(): void {
    const { asked } = this.#message;
    if (!asked || this.#found.has(asked.name)) return;
    const vague = ['text', 'name', 'place', 'boolean', 'choice'].includes(asked.type);
    // What is left of a message that said something else is no answer of its own.
    if (this.#found.size > 0 && (asked.type === 'text' || (vague && this.#corrects))) return;
    // A correction of something else is no answer to what was asked for.
    if (this.#reopened.length > 0) return;
    const parts = this.#found.size > 0 || asked.type === 'name' ? this.#rest.split(/[,;\n]/) : [];
    for (const part of [this.#rest, ...parts]) {
      const context = { ...this.#context, meant: true };
      const found = readers[asked.type](part, asked, context);
      if (!found) continue;
      this.#found.set(asked.name, this.#candidate(asked, found));
      return;
    }
  }

  #take(field: Field, reading: Reading): void {
    this.#found.set(field.name, this.#candidate(field, reading));
    this.#rest = blanked(this.#rest, reading);
  }

  #candidate(field: Field, reading: Reading): Candidate {
    return {
      field: field.name,
      verdict: verdictOf(reading),
      corrects: this.#corrects,
      confidence: 1,
    };
  }
}
