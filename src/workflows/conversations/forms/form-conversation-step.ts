import type { Session } from '../conversation.ts';
import type { StepContext, StepResult, StepTransition } from '../flow.ts';
import type { AcceptedMessage } from '../message.ts';
import { ConversationStep } from '../step.ts';
import { defineForm } from './form.ts';
import { executeForm, type FormStepOptions } from './form-step.ts';

/**
 * A form as a step class, for flows of step classes; extend it to do more once the form is filled in.
 * @example
 * class Booking extends FormStep {
 *   constructor() {
 *     super({ name: 'booking', form: booking });
 *   }
 * }
 */
export class FormStep extends ConversationStep {
  readonly name: string;
  override readonly leadsTo: readonly (string | StepTransition)[];
  readonly #options: FormStepOptions;

  /** @throws GraphwrightError `invalid_configuration` for a form with mistakes. */
  constructor(options: FormStepOptions) {
    super();
    this.#options = { ...options, form: defineForm(options.form) };
    this.name = options.name;
    this.leadsTo = [options.cancelled, options.fallback, ...(options.leadsTo ?? [])].filter(
      (way) => way !== undefined,
    );
  }

  override arrive(_session: Session, context: StepContext): Promise<StepResult> {
    return executeForm(this.#options, { kind: 'arrival' }, context);
  }

  execute(message: AcceptedMessage, _session: Session, context: StepContext): Promise<StepResult> {
    return executeForm(this.#options, { kind: 'message', message }, context);
  }
}
