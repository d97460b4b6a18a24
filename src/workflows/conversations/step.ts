import type { ConversationPattern, StepContext, StepResult, StepTransition } from './flow.ts';
import type { FlowSettings } from './flow-settings.ts';
import type { Session } from './conversation.ts';
import type { JsonObject } from './json.ts';
import type { AcceptedEvent, AcceptedMessage } from './message.ts';

/**
 * A step written as a class (rows L3 and L4): it gets every message that comes while the conversation stands at it.
 * @example
 * class AskName extends ConversationStep {
 *   readonly name = 'ask_name';
 *   execute({ content }: AcceptedMessage): StepResult {
 *     return { action: 'complete', response: `Hello ${content}`, update: { name: content } };
 *   }
 * }
 */
export abstract class ConversationStep {
  abstract readonly name: string;
  readonly description?: string;
  /** Where it may lead to besides the next step, so that the linter knows. */
  readonly leadsTo: readonly (string | StepTransition)[] = [];

  /** The types of outside events that it may wait for. */
  readonly events: readonly string[] = [];
  /** Keys of the state that must be there on arrival. */
  readonly requiredContext: readonly string[] = [];

  abstract execute(
    message: AcceptedMessage,
    session: Session,
    context: StepContext,
  ): StepResult | Promise<StepResult>;

  /** Executed on arrival, without a message, where a step has something to say first. */
  arrive?(session: Session, context: StepContext): StepResult | Promise<StepResult>;

  /** Executed when what the step waited for has happened. */
  handleEvent?(
    event: AcceptedEvent,
    session: Session,
    context: StepContext,
  ): StepResult | Promise<StepResult>;

  /** Executed when what the step waited for did not happen in time; by default it is as if nobody had waited. */
  handleTimeout?(session: Session, context: StepContext): StepResult | Promise<StepResult>;
}

/** A flow of step classes (row L2). */
export interface FlowOfSteps {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly steps: readonly ConversationStep[];
  /** The first of the steps by default. */
  readonly start?: string;
  /** The last of the steps by default. */
  readonly ends?: readonly string[];
  /** `step_by_step_process` by default. */
  readonly pattern?: ConversationPattern;
  readonly settings?: Partial<FlowSettings>;
  readonly variables?: JsonObject;
}
