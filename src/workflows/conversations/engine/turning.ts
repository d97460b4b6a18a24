import type { GraphwrightError } from '../../../errors.ts';
import type { ConversationKey, Session } from '../conversation.ts';
import type { CompiledFlow, CompiledStep, StepContext } from '../flow.ts';
import type { FallbackResponses } from '../flow-settings.ts';
import type { ConversationEvent, ConversationState } from '../log.ts';
import type { AcceptedEvent, AwaitedEvent } from '../message.ts';
import type { FlowRegistry } from './flow-registry.ts';

/** What a turn works with. */
export interface TurnServices {
  readonly registry: FlowRegistry;
  readonly stepTimeout: number;
  readonly fallbackResponses: FallbackResponses;
  readonly now: () => Date;
  /** Aborts when the engine closes. */
  readonly signal: AbortSignal;
  /** Lets everything else go on for a moment. */
  readonly yield: () => Promise<void>;
  /** What steps may use besides what the turn itself knows. */
  readonly services: (
    turn: Turning,
    key: () => string,
    step: CompiledStep,
  ) => Pick<StepContext, 'history' | 'agent' | 'say' | 'run' | 'startRun'>;
  /** The oldest event in the inbox of those that are awaited. */
  readonly inbox: (awaited: AwaitedEvent) => Promise<AcceptedEvent | undefined>;
  /** Told of what a step failed with, of which users see nothing. */
  readonly onError: (error: GraphwrightError) => void;
}

/** Whose turn it is. */
export interface TurnOf {
  readonly key: ConversationKey;
  readonly session: Session;
  readonly version: number;
  /** Stands for what led to this turn: the message, the event. */
  readonly cause: string;
  /** How many steps may still be executed. */
  readonly steps: number;
}

/** A turn as it stands while it goes on. */
export interface Turning extends TurnOf {
  readonly state: ConversationState;
  readonly events: readonly ConversationEvent[];
  /** How many steps were executed. */
  readonly executed: number;
}

/** Under which arrivals at a step are counted. */
export const visitOf = (flow: Pick<CompiledFlow, 'id'>, step: string): string =>
  `${flow.id}.${step}`;
