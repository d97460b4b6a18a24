import type { GraphwrightError } from '../../errors.ts';
import type { StateFile } from '../../ontology/embedded/state-file.ts';
import type { AnyWorkflow } from '../workflow.ts';
import type { RunExecution } from './run-execution.ts';
import type { RunKeeper } from './run-keeper.ts';
import type { Suspects } from './run-crashes.ts';
import type { Queued } from './run-queue.ts';
import type { RunReader } from './run-reader.ts';
import type { StoredRun, StoredSignal } from './run-rows.ts';
import type { Opening } from './run-tables.ts';
import { hasEnded, type RunRecord } from './runs.ts';

/** What an executor works with. */
export interface ExecutorConfiguration {
  state: StateFile;
  reader: RunReader;
  opening: Opening;
  suspects: Suspects;
  now: () => Date;
  maxParallel: number;
  patience: number;
  workflow: (name: string) => AnyWorkflow | undefined;
  startChild: RunKeeper['startChild'];
  onError: (error: GraphwrightError, run: RunRecord) => void;
}

/** A run that has its turn or waits for it. */
export interface Live extends Queued {
  /** Just accepted: there is nothing on disk that is not here. */
  fresh?: StoredRun;
  /** Signals that came before the run was read. */
  late: StoredSignal[];
  execution?: RunExecution;
  /** Whether its end is on disk; before that, a crash may take it back. */
  endIsOnDisk?: boolean;
  /** Whether something has come meanwhile that the run may wait for. */
  called?: boolean;
  /** Resolves when it has its turn no more. */
  ended?: Promise<void>;
}

/** A run as it stands in memory at this moment; until its end is on disk it is under way. */
export function standing({ execution, fresh, endIsOnDisk }: Live): StoredRun | undefined {
  const stored = execution?.recorder.stored ?? fresh;
  if (!stored) return undefined;
  const record = { ...stored.record };
  if (hasEnded(record) && !endIsOnDisk) Object.assign(record, underWay);
  return { ...stored, record };
}

const underWay = {
  status: 'processing',
  result: undefined,
  error: undefined,
  endedAt: undefined,
} as const;
