import type { StateFile } from '../../ontology/embedded/state-file.ts';
import type { AnyWorkflow } from '../workflow.ts';
import type { StoredRun } from './run-rows.ts';
import type { RunRecord } from './runs.ts';

/** What the execution of a run needs of whoever keeps the runs. */
export interface RunKeeper {
  /** What a graph has to share for the writes of a step to be committed along with its record. */
  state: StateFile;
  now: () => Date;
  /** Starts a child, or finds it started; resolves with its record when it has ended. */
  startChild(
    parent: StoredRun,
    workflow: AnyWorkflow,
    parameters: unknown,
    id: string,
  ): Promise<RunRecord | undefined>;
  /** Calls back when a run ends, until the function it returns is called. */
  onEnd(id: string, told: () => void): () => void;
  /** Told when a run is on disk and can be let go of until it is woken. */
  suspend(stored: StoredRun): void;
  /** Milliseconds that a run waits in memory before it is let go of. */
  patience: number;
}

/** Why an execution was let go of without an end. */
export class Halted extends Error {
  override readonly name = 'Halted';
}
