import type { Json, JsonObject } from '../json.ts';
import { optionsOf, slugOf, type Field } from './field.ts';
import type { Form } from './form.ts';
import type { FormMemo } from './memo.ts';
import { chosen } from './rules/choices.ts';
import type { Candidate } from './understanding.ts';

/**
 * The answers in JSON that a program sends: an object by field, or the value of the field that was asked for. A text
 * in it is no number: types count as they are.
 * @returns What to say of keys that are no fields, besides.
 */
export function answersIn(
  content: Json,
  form: Form,
  asked: Field | undefined,
  corrects: boolean,
): { candidates: Candidate[]; lines: string[] } {
  const entries =
    typeof content === 'object' && content !== null && !Array.isArray(content)
      ? Object.entries(content as JsonObject)
      : asked
        ? [[asked.name, content] as const]
        : [];
  const candidates: Candidate[] = [];
  const unknown: string[] = [];
  for (const [name, value] of entries) {
    const field = form.fields.find((each) => each.name === name);
    if (!field) unknown.push(name.slice(0, 40));
    else if (value !== undefined)
      candidates.push({
        field: name,
        verdict: { kind: 'value', value: bySlug(value, field) },
        corrects,
        confidence: 1,
      });
  }
  const line = `There is no field ${unknown.slice(0, 10).join(', ')} here; I left that out.`;
  return { candidates, lines: unknown.length > 0 ? [line] : [] };
}

/** Buttons may send what stands on them instead of the value behind. */
function bySlug(value: Json, field: Field): Json {
  if (typeof value !== 'string' || field.type !== 'choice') return value;
  const said = slugOf(value);
  const option = optionsOf(field).find(
    (each) => each.value === value || slugOf(each.label) === said,
  );
  return option?.value ?? value;
}

/** Which of several meanings a text chooses, while it is asked which. */
export function meaningIn(text: string, { meanings }: FormMemo): Candidate | undefined {
  if (!meanings) return undefined;
  const options = meanings.meanings.map(({ label }, index) => ({
    value: `${index} of these meanings`,
    label,
  }));
  const [only, other] = chosen(text, options);
  if (!only || other !== undefined) return undefined;
  const { field, checked } = meanings;
  const value = meanings.meanings[Number.parseInt(only.value, 10)]?.value;
  if (value === undefined) return undefined;
  return {
    field,
    verdict: { kind: 'value', value: value as Json },
    corrects: true,
    confidence: 1,
    checked,
  };
}
