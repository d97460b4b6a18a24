import type { GraphwrightError, SerializedError } from '../../errors.ts';
import type { AnyWorkflow, ParametersOf, ResultOf } from '../workflow.ts';
import type { ConversationAgent, Utterance } from './agent.ts';
import type { ConversationKey, Session } from './conversation.ts';
import type { FlowSettings } from './flow-settings.ts';
import type { Json, JsonObject } from './json.ts';
import type { AcceptedEvent, AcceptedMessage, AwaitedEvent, Reply } from './message.ts';

/** The kinds of conversation that flows are written for (row V4); carried, shown and drawn. */
export const conversationPatterns = [
  'step_by_step_process',
  'simple_chat',
  'information_gathering',
  'decision_tree',
  'approval_workflow',
  'multi_agent_collaboration',
  'database_interaction',
] as const;
export type ConversationPattern = (typeof conversationPatterns)[number];

/** The pseudo-step that ends a flow. */
export const endStep = 'end';

/** What every front end compiles to, and the engine executes. */
export interface CompiledFlow {
  /** Of `Id`'s form. */
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly pattern: ConversationPattern;
  /** In order: `continue` leads to the one that follows. */
  readonly steps: readonly CompiledStep[];
  readonly start: string;
  /** The steps whose `continue` completes the flow. */
  readonly ends: readonly string[];
  readonly settings: FlowSettings;
  /** What the author's state holds at the start. */
  readonly variables: JsonObject;
  /** The types of outside events that its steps may wait for; one that no flow names warns. None by default. */
  readonly events?: readonly string[];
}

/** One step of a flow. It holds nothing of a conversation between two executions. */
export interface CompiledStep {
  readonly name: string;
  readonly description?: string;
  /** `agent_response`, `user_input`, ... or `code`; shown and drawn. */
  readonly kind: string;
  /**
   * Whether it is executed as soon as the conversation arrives at it: to ask its question, or to do its part
   * and go on. One that is not waits for a message, which is how step classes do it.
   */
  readonly onArrival: boolean;
  /** Where it may lead to, for the linter, the progress and the drawing. */
  readonly transitions: readonly StepTransition[];
  /** Milliseconds for one execution; the engine's `stepTimeout` by default. */
  readonly timeout?: number;
  /** Milliseconds that its question waits for an answer; the flow's `interactionTimeout` by default. */
  readonly answerTimeout?: number;
  /** How often it may be arrived at; the conversation fails at the next time. No limit by default. */
  readonly maxVisits?: number;
  /** Keys of the state that must be there on arrival. */
  readonly requiredContext?: readonly string[];
  /** More for people and drawings, as JSON. */
  readonly metadata?: JsonObject;
  /**
   * Does the step's part of a turn. What it throws is retried when it is retriable, and at last answered with
   * a fallback reply; the conversation then still stands here.
   */
  execute(input: StepInput, context: StepContext): StepResult | Promise<StepResult>;
}

/** A way out of a step: to another one of the flow or to `end`, or to another flow. */
export interface StepTransition {
  readonly to: string;
  /** Set when `to` is a flow: it is called, and the conversation comes back. */
  readonly flow?: boolean;
  /** When this way is taken. */
  readonly label?: string;
}

/** Why a step is executed. */
export type StepInput =
  /** The conversation came here; `message` is the first one when it starts here. */
  | { readonly kind: 'arrival'; readonly message?: AcceptedMessage }
  | { readonly kind: 'message'; readonly message: AcceptedMessage }
  /** What it waited for has happened. */
  | { readonly kind: 'event'; readonly event: AcceptedEvent }
  /** What it waited for did not happen in time. */
  | { readonly kind: 'timeout' };

/** What a step answers, and where the conversation goes on (rows L4 and L5). */
export type StepResult = {
  readonly response?: string | Reply | readonly Reply[];
  /** Merged into the author's state: each key replaces the one before, undefined removes it. */
  readonly update?: JsonObject;
  /** What the step keeps for itself until it is left; null forgets it, absent leaves it as it is. */
  readonly memo?: Json;
} &
  /** To `nextStep`, else the next step in order; at an end step, to the end. On the last step it stays. */
  (
    | { readonly action: 'continue'; readonly nextStep?: string }
    /** Stays, and waits for the next message. */
    | { readonly action: 'repeat' }
    | { readonly action: 'jump'; readonly nextStep: string }
    /** To the start of another flow; at its end, on to `nextStep`, else to the next step in order. */
    | { readonly action: 'call'; readonly flow: string; readonly nextStep?: string }
    /**
     * Parks the conversation, here, until the event comes, which may lie in the inbox already; text does not wake
     * it. After `timeout` milliseconds the step is executed with `timeout`.
     */
    | { readonly action: 'wait'; readonly event: AwaitedEvent; readonly timeout?: number }
    /** Ends the flow; a called one goes back to its caller. */
    | { readonly action: 'complete' }
  );

/** The payload of the event by which a run that {@link StepContext.startRun} started tells its end. */
export interface RunEnd {
  readonly status: 'completed' | 'failed' | 'cancelled';
  readonly result?: Json;
  readonly error?: SerializedError;
}

/** What a step sees and may use. Everything in it is frozen; a step changes state through its result alone. */
export interface StepContext {
  readonly conversation: ConversationKey & { readonly version: number };
  readonly session: Session;
  readonly flow: Pick<CompiledFlow, 'id' | 'name' | 'settings'>;
  readonly step: string;
  /** The author's state, with what earlier steps of this turn changed. */
  readonly state: JsonObject;
  /** What this step kept at its last execution. */
  readonly memo: Json | undefined;
  /** From 1: how often the conversation has arrived here. */
  readonly visits: number;
  /** From 1. */
  readonly attempt: number;
  /** What went wrong the time before, when this is another attempt. */
  readonly lastError?: GraphwrightError;
  /**
   * Of this message and this execution alone, and the same when it is executed again after a crash or a lost
   * race: make the idempotency key of every effect outside of it.
   */
  readonly key: string;
  /** Aborts when the step's time is over or the engine closes. */
  readonly signal: AbortSignal;
  now(): Date;
  /** The newest things that were said, oldest first; those of this turn included. */
  history(limit?: number): Promise<readonly Utterance[]>;
  /** @throws GraphwrightError `not_found` when no such agent was handed in, naming the nearest. */
  agent(name: string): ConversationAgent;
  /** Tells those who follow the conversation a part of a reply that is being made; it is not kept. */
  say(text: string): void;
  /**
   * Carries out a workflow as a durable run and waits for its result. A crash in between starts no second one:
   * the run goes on by itself, and the same message sent again finds it.
   * @throws What the run failed with; `unavailable` when the engine was given no runs.
   */
  run<W extends AnyWorkflow>(workflow: W, parameters: ParametersOf<W>): Promise<ResultOf<W>>;
  /**
   * Starts a workflow as a durable run and tells which event its end is: the step returns `wait` with it, and
   * the conversation is not held up. The event's payload is a {@link RunEnd}.
   */
  startRun<W extends AnyWorkflow>(workflow: W, parameters: ParametersOf<W>): Promise<AwaitedEvent>;
}
