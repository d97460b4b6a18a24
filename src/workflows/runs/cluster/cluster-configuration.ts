import type { GraphwrightError } from '../../../errors.ts';
import type { AnyWorkflow } from '../../workflow.ts';
import type { RunRecord } from '../runs.ts';

/** What runs in Postgres work with. */
export interface ClusterRunsConfiguration {
  /** Of a Postgres database, `postgres://user:password@host:port/database`; all processes give the same. */
  databaseUrl: string;
  /** What this process can carry out; the same in all processes. Read when `resume()` is called. */
  workflows: readonly AnyWorkflow[];
  now?: () => Date;
  /** How many runs are busy at once in this process; the others queue, for any process. 256 by default. */
  maxParallel?: number;
  /** Milliseconds that a waiting run stays in memory, ready to go on; 1,000 by default. */
  patience?: number;
  /**
   * How often a run may be under way when a process dies, in a row and without getting further, until it fails
   * instead of being taken up again; 100 by default, at least 2, the same in all processes.
   */
  crashLimit?: number;
  /** Connections to Postgres at most, one more besides; 10 by default. */
  connections?: number;
  /** Told of every run that was accepted here. */
  onStarted?: (run: RunRecord) => void;
  /**
   * Told when a run could not be recorded, it is taken up again; and of a run that this process put into a
   * queue while no process carries out runs.
   */
  onError?: (error: GraphwrightError, run: RunRecord) => void;
}
