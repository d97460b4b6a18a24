import type { Json, JsonObject } from '../json.ts';
import type { Expectation } from '../message.ts';
import { answersIn, meaningIn } from './answers.ts';
import { isRequired, labelOf, type Field } from './field.ts';
import { confirms, isComplete, missingFields, type Form } from './form.ts';
import { takeIn, type Intake } from './intake.ts';
import type { FormMemo, FormStand } from './memo.ts';
import type { FormOutcome, FormServices, FormTurn } from './turn.ts';
import type { Candidate, Understanding } from './understanding.ts';
import {
  expectation,
  keptLines,
  numbered,
  problemLines,
  question,
  replyOf,
  summary,
  unclearLine,
  unreadLine,
} from './wording.ts';

/** One turn of a form. */
export class FormAsking {
  readonly #form: Form;
  readonly #services: FormServices;
  #values: JsonObject;
  #memo: FormMemo;
  /** What was dropped of what was said, for those who look into it. */
  #notes: readonly string[] = [];

  constructor(form: Form, { values, memo }: FormStand, services: FormServices) {
    this.#form = form;
    this.#services = services;
    this.#values = values;
    this.#memo = memo;
  }

  get #asked(): Field | undefined {
    return this.#form.fields.find(({ name }) => name === this.#memo.asked);
  }

  get #attempts(): number {
    return Math.max(1, this.#form.maxAttempts ?? this.#services.maxAttempts);
  }

  async understand(text: string): Promise<Understanding> {
    const { reader, now, signal } = this.#services;
    const asked = this.#asked;
    const message = {
      form: this.#form,
      text,
      ...(asked && { asked }),
      review: this.#memo.stage !== 'collect',
      values: this.#values,
      now: now(),
    };
    const told = await reader.understand(message, signal);
    this.#notes = told.notes;
    return told;
  }

  async text(text: string): Promise<FormTurn> {
    const meant = meaningIn(text, this.#memo);
    if (meant) return this.#taken([meant]);
    const told = await this.understand(text);
    switch (told.response) {
      case 'cancel':
        return this.#cancelled();
      case 'question':
        return this.#answered(text, told);
      case 'skip':
        return this.#skipped();
      case 'done':
        return this.#done();
      case 'confirmation':
        if (this.#memo.stage === 'review') return this.#ended('complete');
        break;
      case 'rejection':
        if (this.#memo.stage === 'collect') break;
        this.#memo = { ...this.#memo, stage: 'change' };
        return this.#turn(['What should I change?'], { kind: 'text' });
      default:
        break;
    }
    if (told.candidates.length > 0 || told.reopened.length > 0)
      return this.#taken(told.candidates, told.reopened);
    return this.#notUnderstood();
  }

  json(content: Json): Promise<FormTurn> {
    const corrects = this.#memo.stage !== 'collect';
    const { candidates, lines } = answersIn(content, this.#form, this.#asked, corrects);
    return this.#taken(candidates, [], lines);
  }

  async take(candidates: readonly Candidate[]): Promise<Intake> {
    const { signal, now, parallel } = this.#services;
    const { asked, reopened, failures, skipped } = this.#memo;
    const open = [...reopened, ...(asked === undefined ? [] : [asked])];
    const options = { form: this.#form, values: this.#values, open, parallel, signal, now };
    const intake = await takeIn(candidates, options);
    const { taken, problems, unchecked, meanings } = intake;
    const counted = { ...failures };
    for (const name of taken) delete counted[name];
    for (const name of Object.keys(problems))
      if (!unchecked.includes(name)) counted[name] = (counted[name] ?? 0) + 1;
    this.#values = intake.values;
    this.#memo = {
      ...this.#memo,
      failures: counted,
      skipped: skipped.filter((name) => !taken.includes(name)),
      reopened: reopened.filter((name) => !taken.includes(name)),
      meanings: meanings as FormMemo['meanings'],
    };
    return intake;
  }

  /** Asks for what is to be asked for now, or shows the summary, or ends. */
  next(lines: readonly string[], first: readonly string[] = []): FormTurn {
    const { meanings, reopened, skipped, failures } = this.#memo;
    if (meanings) return this.#which(lines, meanings);
    const [field] = [
      ...this.#fields(first),
      ...this.#fields(reopened),
      ...missingFields(this.#form, this.#values, skipped),
    ];
    if (field) {
      const failed = failures[field.name] ?? 0;
      if (failed >= this.#attempts) return this.#exhausted(lines, field);
      this.#memo = { ...this.#memo, stage: 'collect', asked: field.name };
      return this.#turn(
        [...lines, question(field, failed, this.#attempts)],
        expectation(field, failed),
      );
    }
    if (!confirms(this.#form)) return this.#ended('complete', lines);
    this.#memo = { ...this.#memo, stage: 'review', asked: undefined };
    return this.#turn([...lines, summary(this.#form, this.#values)], { kind: 'confirmation' });
  }

  async #taken(
    candidates: readonly Candidate[],
    reopened: readonly string[] = [],
    lines: readonly string[] = [],
  ): Promise<FormTurn> {
    const known = reopened.filter((name) => this.#has(name));
    this.#memo = { ...this.#memo, reopened: [...new Set([...this.#memo.reopened, ...known])] };
    const asked = this.#memo.asked;
    const { problems, kept, taken } = await this.take(candidates);
    const said = [
      ...lines,
      ...problemLines(this.#form, problems),
      ...keptLines(this.#form, kept, this.#values),
    ];
    const nothing = candidates.length === 0 && reopened.length === 0;
    if (nothing) return this.#notUnderstood(said);
    // What was asked for and got no answer, as something else was told, is asked for again.
    const pending =
      asked !== undefined && !taken.includes(asked) && this.#values[asked] === undefined
        ? [asked]
        : [];
    return this.next(said, [...Object.keys(problems), ...known, ...pending]);
  }

  #notUnderstood(lines: readonly string[] = []): FormTurn {
    const { stage, failures } = this.#memo;
    const name = stage === 'collect' ? (this.#memo.asked ?? '') : '';
    const failed = (failures[name] ?? 0) + 1;
    this.#memo = { ...this.#memo, failures: { ...failures, [name]: failed } };
    const field = this.#asked;
    if (stage === 'collect' && field)
      return this.next([...lines, `${unreadLine(field)}.`], [field.name]);
    if (failed >= this.#attempts) return this.#exhausted(lines, undefined);
    const ask = unclearLine(this.#form, failed, this.#attempts);
    return this.#turn([...lines, ask], { kind: 'confirmation', attempt: failed + 1 });
  }

  async #answered(text: string, { answer }: Understanding): Promise<FormTurn> {
    const field = this.#asked;
    const said =
      answer ??
      (await this.#services.answer?.(text, field)) ??
      field?.help ??
      field?.hints?.join(' ') ??
      this.#form.help ??
      'I cannot answer that here.';
    return this.#again([said]);
  }

  /** Asks what was asked before, without counting it. */
  #again(lines: readonly string[]): FormTurn {
    const { asked, stage, meanings } = this.#memo;
    if (meanings) return this.#which(lines, meanings);
    if (stage === 'change')
      return this.#turn([...lines, 'What should I change?'], { kind: 'text' });
    return this.next(lines, asked === undefined ? [] : [asked]);
  }

  #skipped(): FormTurn {
    const field = this.#asked;
    if (!field) return this.#notUnderstood();
    const { name } = field;
    const has = this.#values[name] !== undefined;
    if (isRequired(field) && !has) return this.#needed(`The ${labelOf(field)} is needed.`);
    const reopened = this.#memo.reopened.filter((each) => each !== name);
    const skipped = has ? this.#memo.skipped : [...this.#memo.skipped, name];
    this.#memo = { ...this.#memo, skipped, reopened, meanings: undefined };
    return this.next([]);
  }

  #needed(line: string): FormTurn {
    const { asked = '', failures } = this.#memo;
    this.#memo = { ...this.#memo, failures: { ...failures, [asked]: (failures[asked] ?? 0) + 1 } };
    return this.next([line], [asked]);
  }

  #done(): FormTurn {
    const { stage, skipped } = this.#memo;
    if (stage !== 'collect') return this.#notUnderstood();
    if (!isComplete(this.#form, this.#values)) {
      if (this.#form.partial) return this.#ended('partial');
      const open = missingFields(this.#form, this.#values, skipped).filter(isRequired);
      return this.#needed(`I still need the ${open.map(labelOf).join(', the ')}.`);
    }
    const left = missingFields(this.#form, this.#values, skipped).map(({ name }) => name);
    this.#memo = {
      ...this.#memo,
      skipped: [...skipped, ...left],
      reopened: [],
      meanings: undefined,
    };
    return this.next([]);
  }

  #cancelled(): FormTurn {
    if (this.#services.cancellable) return this.#ended('cancelled', ['All right, I stop here.']);
    return this.#again(['This cannot be cancelled.']);
  }

  #which(lines: readonly string[], meanings: NonNullable<FormMemo['meanings']>): FormTurn {
    const failed = this.#memo.failures[meanings.field] ?? 0;
    this.#memo = { ...this.#memo, stage: 'collect', asked: meanings.field };
    if (failed >= this.#attempts) return this.#exhausted(lines, this.#asked);
    const number = failed === 0 ? '' : `Attempt ${failed + 1} of ${this.#attempts}: `;
    const options = meanings.meanings.map(({ label }, index) => ({
      value: String(index + 1),
      label,
    }));
    return this.#turn([...lines, `${number}${meanings.question}`, numbered(options)], {
      kind: 'choice',
      field: meanings.field,
      options,
      custom: true,
    });
  }

  #exhausted(lines: readonly string[], field: Field | undefined): FormTurn {
    const { failures, skipped } = this.#memo;
    const name = field?.name ?? '';
    const { [name]: _, ...others } = failures;
    const settled = field && (!isRequired(field) || this.#values[name] !== undefined);
    this.#memo = {
      ...this.#memo,
      failures: others,
      meanings: undefined,
      reopened: this.#memo.reopened.filter((each) => each !== name),
    };
    if (settled) {
      if (this.#values[name] === undefined)
        this.#memo = { ...this.#memo, skipped: [...skipped, name] };
      return this.next([...lines, `I leave the ${labelOf(field)} as it is.`]);
    }
    return this.#ended('exhausted', lines);
  }

  #ended(outcome: FormOutcome, lines: readonly string[] = []): FormTurn {
    const { done } = this.#form;
    const finished = outcome === 'complete' || outcome === 'partial';
    return {
      ...this.#turn([...lines, ...(finished && done !== undefined ? [done] : [])]),
      outcome,
    };
  }

  #turn(lines: readonly string[], expects?: Expectation): FormTurn {
    const reply = replyOf(this.#form, this.#values, lines, {
      notes: this.#notes,
      ...(expects && { asked: this.#memo.asked, expects }),
    });
    return { values: this.#values, memo: this.#memo, reply };
  }

  #has(name: string): boolean {
    return this.#form.fields.some((field) => field.name === name);
  }

  #fields(names: readonly string[]): Field[] {
    return names.flatMap((name) => this.#form.fields.find((field) => field.name === name) ?? []);
  }
}
