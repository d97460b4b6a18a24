import type { CompiledStep, StepContext, StepInput, StepResult, StepTransition } from '../flow.ts';
import { endStep } from '../flow.ts';
import type { Json, JsonObject } from '../json.ts';
import type { Field } from './field.ts';
import { defineForm, type Form } from './form.ts';
import { takeUp } from './memo.ts';
import { beginForm, takeMessage, type FormOutcome, type FormServices } from './turn.ts';
import type { FormReader } from './understanding.ts';
import { RulesReader } from './rules/understand.ts';

/** A form as a step of a flow. */
export interface FormStepOptions {
  /** The name of the step. */
  readonly name: string;
  readonly description?: string;
  readonly form: Form;
  /** Reads what users write; by rules by default. */
  readonly reader?: FormReader;
  /** What is put into the state besides the values themselves, which are kept under the form's name. */
  readonly update?: (values: JsonObject, outcome: FormOutcome | undefined) => JsonObject;
  /** The step after it; the next one of the flow by default, also when it gives undefined. */
  readonly next?: (values: JsonObject) => string | undefined;
  /** Where it leads to when it is filled in, for the linter and the drawing. */
  readonly leadsTo?: readonly (string | StepTransition)[];
  /** The step that goes on when a required field was asked for too often; without it the counting begins anew. */
  readonly fallback?: string;
  /** The step that goes on when the user gives up; the end by default. */
  readonly cancelled?: string;
  /** The agent that answers questions for which there is no help. */
  readonly agent?: string;
  readonly answerTimeout?: number;
  readonly metadata?: JsonObject;
}

/**
 * Makes a step of a form: it asks, takes several answers from one message, and leads on when the form is filled in
 * (rows L9 to L12). Values are in the state under the form's name from the first answer on.
 * @throws GraphwrightError `invalid_configuration` for a form with mistakes.
 */
export function formStep(options: FormStepOptions): CompiledStep {
  const {
    name,
    description,
    fallback,
    cancelled = endStep,
    leadsTo = [],
    answerTimeout,
    metadata,
  } = options;
  const form = defineForm(options.form);
  const ways = leadsTo.map((way): StepTransition => (typeof way === 'string' ? { to: way } : way));
  const aside: StepTransition[] = [
    { to: cancelled, label: 'cancelled' },
    ...(fallback === undefined ? [] : [{ to: fallback, label: 'asked too often' }]),
  ];
  return {
    name,
    ...(description !== undefined && { description }),
    kind: 'user_input',
    onArrival: true,
    transitions: [...ways, ...aside],
    ...(answerTimeout !== undefined && { answerTimeout }),
    metadata: { fields: form.fields.map((field) => field.name), ...metadata },
    execute: (input, context) => executeForm({ ...options, form }, input, context),
  };
}

/** Does a form's part of a turn, for step classes that hold a form among other things. */
export async function executeForm(
  options: FormStepOptions,
  input: StepInput,
  context: StepContext,
): Promise<StepResult> {
  const { form } = options;
  const stand = takeUp(context.state[form.name], context.memo);
  const services = servicesOf(options, context);
  const { values, memo, reply, outcome } =
    input.kind === 'message'
      ? await takeMessage(form, stand, input.message.content, services)
      : await beginForm(form, stand, firstContent(input), services);
  const update = { ...options.update?.(values, outcome), [form.name]: values };
  const result = { update, ...(reply.content !== '' && { response: reply }) };
  switch (outcome) {
    case undefined:
      return { ...result, action: 'repeat', memo };
    case 'complete':
    case 'partial': {
      const nextStep = options.next?.(values);
      return { ...result, action: 'continue', ...(nextStep !== undefined && { nextStep }) };
    }
    case 'cancelled':
      return { ...result, action: 'jump', nextStep: options.cancelled ?? endStep };
    case 'exhausted':
      if (options.fallback !== undefined)
        return { ...result, action: 'jump', nextStep: options.fallback };
      return startedAnew(options, { values, memo }, services, update);
  }
}

/** Nobody is left without a way on: the guidance is said, and the same thing asked as if for the first time. */
async function startedAnew(
  { form }: FormStepOptions,
  stand: ReturnType<typeof takeUp>,
  services: FormServices,
  update: JsonObject,
): Promise<StepResult> {
  const { reply, memo } = await beginForm({ ...form, intro: guidance }, stand, undefined, services);
  return { action: 'repeat', response: reply, memo, update };
}

const guidance =
  'I still could not read that. What you told me is kept; write only the answer itself, ask what you want to know, or say "cancel".';

const firstContent = (input: StepInput): Json | undefined =>
  input.kind === 'arrival' ? input.message?.content : undefined;

function servicesOf({ reader, agent, form }: FormStepOptions, context: StepContext): FormServices {
  const { settings } = context.flow;
  return {
    reader: reader ?? new RulesReader(),
    maxAttempts: Math.max(1, settings.maxRetries),
    parallel: settings.parallelValidation,
    cancellable: settings.allowEarlyTermination,
    signal: context.signal,
    now: () => context.now(),
    ...(agent !== undefined && {
      answer: (text: string, field: Field | undefined) =>
        askAgent(agent, text, field, form, context),
    }),
  };
}

/** An agent that fails leaves the help text (row L15). */
async function askAgent(
  agent: string,
  text: string,
  field: Field | undefined,
  form: Form,
  context: StepContext,
): Promise<string | undefined> {
  const help = [form.help, field?.help].filter((each) => each !== undefined).join(' ');
  const prompt = `The user fills in a form and asks: ${JSON.stringify(text)}. Answer in one or two sentences. ${help}`;
  try {
    const history = await context.history(20);
    const request = { prompt, history, state: context.state, key: context.key };
    return (await context.agent(agent).respond(request, context.signal)).text;
  } catch (thrown) {
    if (context.signal.aborted) throw thrown;
    return undefined;
  }
}
