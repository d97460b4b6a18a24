import type { SerializedError } from '../../errors.ts';
import type { Agent } from '../../ontology/attribution.ts';
import type { ApprovalDecision, RunApproval } from '../approval/run-approval.ts';
import type { Progress } from '../progress.ts';
import type { AnyWorkflow, ParametersOf } from '../workflow.ts';

/**
 * Where a run is: accepted, under way, waiting for time, a signal or a child; a run ends as `completed`,
 * `failed` or `cancelled`.
 */
export type RunStatus = 'started' | 'processing' | 'waiting' | 'completed' | 'failed' | 'cancelled';

/** A step that a run has behind it; `duration` in milliseconds, over all attempts. */
export interface CompletedStep {
  step: string;
  duration: number;
  /** How often it was tried; 1 when the first attempt did it. */
  attempts: number;
}

/** What a run waits for. */
export type Waiting =
  /** Of time, or of a person's decision on the run itself, which its `approval` tells. */
  (
    | { for: 'sleep' | 'approval' }
    /** A signal by this name, or a child by this id. */
    | { for: 'signal' | 'child'; name: string }
  ) & {
    /** When it goes on without, ISO 8601. */
    until?: string;
  };

/** A run as callers see it; times are ISO 8601 in UTC. */
export interface RunRecord {
  id: string;
  workflow: string;
  status: RunStatus;
  /** What the caller gave. */
  parameters: unknown;
  /** The step under way; of several, the one begun last. */
  currentStep?: string;
  /** In the order in which they ended. */
  stepsCompleted: CompletedStep[];
  result?: unknown;
  error?: SerializedError;
  /** Set while it is `waiting`. */
  waiting?: Waiting;
  /** Set when a person has to approve it, or has decided on it. */
  approval?: RunApproval;
  /** How often it was executed: 1 without a crash, a long wait or a {@link Runs.resume}. */
  attempts: number;
  /** The run that has this one as a child. */
  parent?: string;
  /** The run that was tried again with this one. */
  retryOf?: string;
  /** Who may see it; see {@link StartOptions}. */
  owner?: string;
  /** When it was accepted. */
  startedAt: string;
  /** Set when it begins later than it was accepted. */
  delayedUntil?: string;
  endedAt?: string;
}

/** Whether nothing more will happen to the run. */
export const hasEnded = ({ status }: Pick<RunRecord, 'status'>): boolean =>
  status === 'completed' || status === 'failed' || status === 'cancelled';

/** What may be said of one start. */
export interface StartOptions {
  /** 1 to 64 letters, digits, hyphens and underscores; a UUID by default. */
  id?: string;
  /**
   * The same key again gives the run that it started, whatever has become of it; with another workflow or
   * other parameters it is refused.
   */
  idempotencyKey?: string;
  /** The id of the run on whose behalf it is started, which is its parent. */
  parent?: string;
  /** Milliseconds until it begins; 0 by default. */
  delay?: number;
  /** Whose run it is: a user, a tenant. To others, through {@link ownedRuns}, it does not exist. */
  owner?: string;
  /** Who asks for it, for the provenance of what it writes. */
  agent?: Agent;
}

/** Which runs are wanted; what is left out may be anything. */
export interface RunFilter {
  workflow?: string;
  status?: RunStatus | readonly RunStatus[];
  parent?: string;
  owner?: string;
  /** Those that a person has to approve: all of them, or those that nobody has decided on. */
  approval?: 'any' | 'pending';
  /** Those of one owner, and those of some workflows of anybody. */
  seenBy?: { owner: string; workflows: readonly string[] };
  /** Accepted at this time or later, ISO 8601. */
  since?: string;
  /** Accepted before this time, ISO 8601. */
  before?: string;
  /** Where the page before ended; nothing but the `nextCursor` of a page. */
  cursor?: string;
  /** From 1 to 1,000; 50 by default. */
  limit?: number;
}

/** A page of runs, the newest first. */
export interface RunPage {
  items: RunRecord[];
  /** Set when there are more. */
  nextCursor?: string;
}

/** A message to a run. */
export interface Signal {
  name: string;
  /** JSON. */
  payload?: unknown;
  /** The same id to the same run again changes nothing; a UUID by default. */
  id?: string;
}

/**
 * Something that happened in a run. `sequence` grows within a run, with gaps; `at` is ISO 8601.
 *
 * What is on disk (steps that ended, the status of a run that ended or waits) is told whenever it is asked
 * for; the rest only to those who follow at the time.
 */
export type RunEvent = { sequence: number; at: string } & (
  | { type: 'status'; status: RunStatus; error?: SerializedError; waiting?: Waiting }
  /** `duration` in milliseconds and `attempts` once it has ended. */
  | { type: 'step'; step: string; status: 'started' }
  | { type: 'step'; step: string; status: 'completed'; duration: number; attempts: number }
  | {
      type: 'step';
      step: string;
      status: 'failed';
      duration: number;
      attempts: number;
      error: SerializedError;
    }
  /** An attempt failed; the next one begins after `delay` milliseconds. */
  | { type: 'attempt'; step: string; attempt: number; delay: number; error: SerializedError }
  | ({ type: 'progress' } & Progress)
);

/** Where following starts and ends. */
export interface FollowOptions {
  /** The sequence number of the last event already known; 0, from the beginning, by default. */
  after?: number;
  signal?: AbortSignal;
}

/** Which finished runs are no longer needed; each that breaks one of the limits goes. */
export interface Retention {
  /** Milliseconds since the end. */
  maxAge?: number;
  /** How many finished runs stay, the newest. */
  maxCount?: number;
}

/**
 * Runs in the background: a start that was acknowledged survives a crash and is carried out.
 *
 * All methods that take the id of a run reject with `not_found` when there is none, except {@link get}.
 */
export interface Runs {
  /**
   * Starts a workflow and resolves once that is on disk.
   * @throws GraphwrightError `invalid_parameters` before anything is stored; `key_reused` for an
   * idempotency key that stands for another workflow or other parameters; `conflict` for an id that exists.
   */
  start<W extends AnyWorkflow>(
    workflow: W,
    input: ParametersOf<W>,
    options?: StartOptions,
  ): Promise<RunRecord>;
  get(id: string): Promise<RunRecord | undefined>;
  /** @throws GraphwrightError `invalid_parameters` for a cursor or limit that is none. */
  list(filter?: RunFilter): Promise<RunPage>;
  /** The newest run of a workflow whose parameter `name` was `value`. */
  latest(workflow: string, name: string, value: string): Promise<RunRecord | undefined>;
  /** Resolves when the run has ended, or with the record as it is after `milliseconds`. */
  wait(id: string, milliseconds: number, signal?: AbortSignal): Promise<RunRecord>;
  /**
   * Ends a run, and its children: the step under way is told by its signal, none begins after it. Of a
   * cancelled run it changes nothing.
   * @throws GraphwrightError `conflict` when it has completed or failed.
   */
  cancel(id: string): Promise<RunRecord>;
  /**
   * Hands a signal to a run; resolves once it is on disk. It is kept until the run asks for it.
   * @throws GraphwrightError `conflict` when the run has ended.
   */
  signal(id: string, signal: Signal): Promise<void>;
  /**
   * Hands a run what a person decided on it; resolves, once that is on disk, with the decision that stands,
   * which is the first. Who may decide is the caller's to check: see `Approvals`.
   * @throws GraphwrightError `conflict` when the run needs no approval, or has ended.
   */
  decide(id: string, decision: ApprovalDecision): Promise<ApprovalDecision>;
  /** Takes up again what a crash or a stop left unfinished; resolves with how many runs that are. */
  resume(): Promise<number>;
  /**
   * Lets a failed or cancelled run go on from its last finished step; one that is under way goes on anyway.
   * @throws GraphwrightError `conflict` when it has completed.
   */
  resume(id: string): Promise<RunRecord>;
  /**
   * Starts a new run with the parameters of one that has ended, linked by `retryOf`.
   * @throws GraphwrightError `conflict` while it has not ended; `not_found` when its workflow is not offered.
   */
  retry(id: string): Promise<RunRecord>;
  /** Removes a run that has ended. @throws GraphwrightError `conflict` while it has not. */
  delete(id: string): Promise<void>;
  /** What happens in a run, from `after` on, until it has ended; ends with the `status` of its end. */
  follow(id: string, options?: FollowOptions): AsyncIterable<RunEvent>;
  /** Removes finished runs, a few at a time so that nothing waits for it; resolves with how many. */
  sweep(retention: Retention): Promise<number>;
  /** Stops what is under way and waits for it; `resume` takes it up at the next start. */
  close(): Promise<void>;
}
