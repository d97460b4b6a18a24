import type { StepContext, StepResult } from '../../flow.ts';
import type { Field } from '../../forms/field.ts';
import { executeForm } from '../../forms/form-step.ts';
import { defineForm, type Form } from '../../forms/form.ts';
import type { FormReader } from '../../forms/understanding.ts';
import type { Json, JsonObject } from '../../json.ts';
import type { FieldDefinition, StepOf } from '../definition.ts';
import { render } from '../templates.ts';
import { found, promptIn, scopeOf, type Execute, type StepParts } from './step-parts.ts';

/**
 * `user_input`: asks until the answer is one. A text or a choice is kept under the step's key as it is; the fields of
 * a structured input are kept under their own names, and all together under the step's key.
 * @param reader Reads what users write; by rules by default.
 */
export function inputStep({ step }: StepParts<StepOf<'user_input'>>, reader?: FormReader): Execute {
  const { id: name, storeAs: key = name, input } = step;
  const single = input.type !== 'structured';
  defineForm(formOf(step, (template) => template));
  // What a structured input collects are its fields, which have their own values.
  const kept = single ? step : { ...step, metadata: { ...step.metadata, dataCollection: [] } };
  return async (message, context) => {
    const scope = scopeOf(context);
    const form = formOf(step, (template) => render(template, scope), promptIn(step, context));
    const again = message.kind === 'arrival' && context.visits > 1;
    const begun = again ? forgetful(context, key) : context;
    const asked = await executeForm({ name, form, reader }, message, begun);
    const result = again && !single ? withoutEarlier(asked, Object.keys(input.fields)) : asked;
    if (result.action !== 'continue') return single ? withoutValues(result, form.name) : result;
    const values = (result.update?.[form.name] ?? {}) as JsonObject;
    const { response } = result;
    const answer: Json | undefined = single ? values[key] : values;
    return found(kept, context, answer, { response, update: single ? {} : values });
  };
}

/** Who comes back is asked anew; what was answered the time before is no answer to this time's question. */
const forgetful = (context: StepContext, key: string): StepContext => ({
  ...context,
  state: { ...context.state, [key]: null },
});

/** An optional field that is left out this time has no value from the time before. */
const withoutEarlier = (result: StepResult, fields: readonly string[]): StepResult => ({
  ...result,
  update: {
    ...(Object.fromEntries(fields.map((field) => [field, undefined])) as unknown as JsonObject),
    ...result.update,
  },
});

/** What a single answer is as long as there is none is nobody's business. */
function withoutValues(result: StepResult, name: string): StepResult {
  const { [name]: _, ...update } = result.update ?? {};
  return { ...result, update };
}

type Rendered = (template: string) => string;

function formOf(
  step: StepOf<'user_input'>,
  rendered: Rendered,
  prompt: string | undefined = step.prompt,
): Form {
  const { id, storeAs: key = id, input, metadata } = step;
  if (input.type !== 'structured')
    return {
      name: key,
      fields: [fieldOf(key, { ...input, prompt }, (text) => text)],
      confirm: false,
    };
  return {
    name: key,
    fields: Object.entries(input.fields).map(([name, field]) => fieldOf(name, field, rendered)),
    confirm: input.confirm,
    partial: input.allowPartialCompletion || metadata.allowsPartialCompletion === true,
    intro: prompt,
  };
}

function fieldOf(name: string, definition: FieldDefinition, rendered: Rendered): Field {
  const { type, prompt, options, allowCustomResponse, validationHints, minimum, maximum, ...same } =
    definition;
  return {
    name,
    type,
    ...same,
    ...(prompt !== undefined && { prompt: rendered(prompt) }),
    ...(type === 'choice' && { options, custom: allowCustomResponse }),
    ...(validationHints.length > 0 && { hints: validationHints }),
    ...(minimum !== undefined && { min: minimum }),
    ...(maximum !== undefined && { max: maximum }),
  };
}
