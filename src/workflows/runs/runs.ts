import type { SerializedError } from '../../errors.ts';
import type { AnyWorkflow, ParametersOf } from '../workflow.ts';

/** Where a run is; a run ends as `completed`, `failed` or `cancelled`. */
export type RunStatus = 'started' | 'processing' | 'waiting' | 'completed' | 'failed' | 'cancelled';

/** A step that a run has behind it; `duration` in milliseconds. */
export interface CompletedStep {
  step: string;
  duration: number;
}

/** A run as callers see it; times are ISO 8601 in UTC. */
export interface RunRecord {
  id: string;
  workflow: string;
  status: RunStatus;
  parameters: unknown;
  currentStep?: string;
  stepsCompleted: CompletedStep[];
  result?: unknown;
  error?: SerializedError;
  startedAt: string;
  endedAt?: string;
}

/** Whether nothing more will happen to the run. */
export const hasEnded = ({ status }: RunRecord): boolean =>
  status === 'completed' || status === 'failed' || status === 'cancelled';

/** Runs in the background: a start that was acknowledged survives a crash and is carried out. */
export interface Runs {
  /**
   * Starts a workflow and resolves once that is on disk.
   * @throws GraphwrightError `invalid_parameters` before anything is stored.
   */
  start<W extends AnyWorkflow>(workflow: W, input: ParametersOf<W>): Promise<RunRecord>;
  get(id: string): Promise<RunRecord | undefined>;
  /** The newest run of a workflow whose parameter `name` was `value`. */
  latest(workflow: string, name: string, value: string): Promise<RunRecord | undefined>;
  /** Resolves when the run has ended, or with the record as it is after `milliseconds`. */
  wait(id: string, milliseconds: number, signal?: AbortSignal): Promise<RunRecord>;
  /** Takes up again what a crash or a stop left unfinished; resolves with how many runs that are. */
  resume(): Promise<number>;
  /** Cancels what is under way and waits for it to stop; `resume` takes it up at the next start. */
  close(): Promise<void>;
}
