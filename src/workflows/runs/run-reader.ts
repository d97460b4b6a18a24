import { GraphwrightError } from '../../errors.ts';
import type { StateFile, Statement } from '../../ontology/embedded/state-file.ts';
import { stepEvent } from './run-recorder.ts';
import {
  completedStep,
  isCompleted,
  readRun,
  readSignal,
  readStep,
  selectRuns,
  selectSignals,
  selectSteps,
  type StepRow,
  type StoredRun,
  type StoredSignal,
} from './run-rows.ts';
import { hasEnded, type RunEvent, type RunRecord } from './runs.ts';
import type { WrittenBefore } from './step-writes.ts';

/** Reads runs as they lie in the state file. */
export class RunReader {
  readonly #state: StateFile;

  constructor(state: StateFile) {
    this.#state = state;
  }

  async run(id: string): Promise<StoredRun | undefined> {
    const [found] = await this.runs(selectRuns('id = ?', id));
    return found;
  }

  /** @throws GraphwrightError `not_found` */
  async existing(id: string): Promise<StoredRun> {
    const found = await this.run(id);
    if (!found) throw unknownRun(id);
    return found;
  }

  /** Runs without their steps. */
  async bare(statement: Statement): Promise<StoredRun[]> {
    return (await this.#state.read(statement)).map(readRun);
  }

  /** Runs with the steps that they have behind them. */
  async runs(statement: Statement): Promise<StoredRun[]> {
    const found = await this.bare(statement);
    if (found.length === 0) return found;
    const byNumber = new Map(found.map((stored) => [stored.number, stored]));
    for (const step of await this.steps([...byNumber.keys()]))
      if (isCompleted(step))
        byNumber.get(step.run)!.record.stepsCompleted.push(completedStep(step));
    return found;
  }

  async steps(numbers: readonly number[], after?: number): Promise<StepRow[]> {
    return (await this.#state.read(selectSteps(numbers, after))).map(readStep);
  }

  async signals(run: number): Promise<StoredSignal[]> {
    return (await this.#state.read(selectSignals(run))).map(readSignal);
  }

  /** What the steps of a run wrote to the graph before they were interrupted. */
  async writes(run: number): Promise<Map<string, Map<number, WrittenBefore>>> {
    const sql = 'SELECT step, place, digest FROM run_writes WHERE run = ?';
    type Row = { step: string; place: number; digest: string };
    const found = new Map<string, Map<number, WrittenBefore>>();
    for (const { step, place, digest } of await this.#state.read<Row>({ sql, values: [run] })) {
      const commit = { position: 0, inserted: 0, removed: 0, approximate: true } as const;
      const of = found.get(step) ?? new Map<number, WrittenBefore>();
      found.set(step, of.set(place, { digest, commit }));
    }
    return found;
  }

  async hasSignal(run: number, id: string): Promise<boolean> {
    const sql = 'SELECT id FROM run_signals WHERE run = ? AND id = ?';
    return (await this.#state.read({ sql, values: [run, id] })).length > 0;
  }

  /** What is on disk of what happened in a run after an event, in order. */
  async events({ number, record, sequence }: StoredRun, after: number): Promise<RunEvent[]> {
    const steps = await this.steps([number], after);
    const events = steps.filter(({ kind }) => kind === 'step').map(stepEvent);
    const { status, error, waiting } = record;
    if (sequence <= after || (!waiting && !hasEnded(record))) return events;
    const at = record.endedAt ?? record.startedAt;
    return [...events, { sequence, at, type: 'status', status, error, waiting }];
  }
}

/** The error of an id that no run has. */
export const unknownRun = (id: string): GraphwrightError =>
  new GraphwrightError('not_found', `No run ${id}`);

/** A run as callers may keep it: what happens later does not show in it. */
export function copy(stored: StoredRun): RunRecord;
export function copy(stored: StoredRun | undefined): RunRecord | undefined;
export function copy(stored: StoredRun | undefined): RunRecord | undefined {
  return stored && structuredClone(stored.record);
}
