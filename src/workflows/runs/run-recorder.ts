import { GraphwrightError } from '../../errors.ts';
import type { Statement } from '../../ontology/embedded/state-file.ts';
import type { RunLog } from './run-log.ts';
import { completedStep, insertStep, updateRun, type StepRow, type StoredRun } from './run-rows.ts';
import type { RunEvent } from './runs.ts';

/** An event before it has its number and time. */
export type Happening = RunEvent extends infer E
  ? E extends RunEvent
    ? Omit<E, 'sequence' | 'at'>
    : never
  : never;

/** The end of a step as its execution knows it. */
type StepEndRow = Omit<StepRow, 'run' | 'sequence' | 'at' | 'kind'>;

/** What writes down the end of a step, and how a run stands. */
export interface RecorderStatements {
  step: (row: StepRow) => Statement;
  /** None when something else writes it. */
  status: (stored: StoredRun) => Statement | undefined;
}

/** What a recorder works with. */
export interface RecorderConfiguration {
  log: RunLog;
  /** How it is written down; in the tables of the state file by default. */
  statements?: RecorderStatements;
  now: () => Date;
  /** Whether anybody wants to be told of what is not kept. */
  followed: () => boolean;
  /** Told of each event; of one that lies on disk, once it does. */
  onEvent: (event: RunEvent) => void;
  /** Told when something could not be written: the run cannot go on. */
  onFailure: (error: GraphwrightError) => void;
}

/** Writes down what happens in one run, and tells those who follow it. */
export class RunRecorder {
  readonly stored: StoredRun;
  readonly #configuration: RecorderConfiguration;
  readonly #write: RecorderStatements;
  #statements: Statement[] = [];
  #events: RunEvent[] = [];
  #next?: Promise<void>;
  #last?: Promise<void>;

  constructor(stored: StoredRun, configuration: RecorderConfiguration) {
    this.stored = stored;
    this.#configuration = configuration;
    this.#write = configuration.statements ?? { step: insertStep, status: updateRun };
  }

  /** Resolves once all that was recorded is on disk; undefined when it is already. */
  get unwritten(): Promise<void> | undefined {
    return this.#last;
  }

  /** Tells what is not kept. */
  tell(happening: Happening): void {
    if (!this.#configuration.followed()) return;
    const event = this.#event(happening);
    const tell = () => this.#configuration.onEvent(event);
    // Not before what came earlier and is still on its way to the disk.
    if (this.#last) void this.#last.then(tell, () => undefined);
    else tell();
  }

  /** Adds a row to what is written next. */
  add(row: Omit<StepRow, 'run' | 'sequence' | 'at'>, ...statements: readonly Statement[]): void {
    this.#statements.push(this.#write.step(this.#row(row)), ...statements);
  }

  /** Adds something else to what is written next. */
  addStatement(statement: Statement): void {
    this.#statements.push(statement);
  }

  /** Adds the end of a step, which those who follow are told of. */
  addEnd(end: StepEndRow): void {
    const row = this.#row({ ...end, kind: 'step' });
    this.#statements.push(this.#write.step(row));
    this.#events.push(stepEvent(row));
    if (!row.error) this.stored.record.stepsCompleted.push(completedStep(row));
  }

  /** Records the end of a step, and all that waits, through `write`, which commits it with something else. */
  async writeEnd(end: StepEndRow, write: (rows: readonly Statement[]) => Promise<void>) {
    const row = this.#row({ ...end, kind: 'step' });
    const taken = this.take();
    const written = write([...taken.statements, this.#write.step(row)]);
    this.#last = written;
    try {
      await written;
    } catch (thrown) {
      this.#statements.unshift(...taken.statements);
      this.#events.unshift(...taken.events);
      throw thrown;
    } finally {
      if (this.#last === written) this.#last = undefined;
    }
    this.stored.record.stepsCompleted.push(completedStep(row));
    this.written([...taken.events, stepEvent(row)]);
  }

  /** Adds how the run stands. */
  addStatus(): void {
    const { status, error, waiting, endedAt } = this.stored.record;
    const event = this.#event({ type: 'status', status, error, waiting });
    // The end is told at the time that is stored: those who ask later hear the same.
    this.#events.push(endedAt === undefined ? event : { ...event, at: endedAt });
    const statement = this.#write.status(this.stored);
    if (statement) this.#statements.push(statement);
  }

  /** Writes at the end of this turn; what is added until then goes along. */
  flush(): Promise<void> {
    if (this.#next) return this.#next;
    let events: readonly RunEvent[] = [];
    const written = this.#configuration.log
      .write(() => {
        this.#next = undefined;
        const taken = this.take();
        ({ events } = taken);
        return taken.statements;
      })
      .then(() => this.written(events));
    return this.#track(written);
  }

  /** Hands over what waits to be written, for whoever writes it in a commit of its own. */
  take(): { statements: readonly Statement[]; events: readonly RunEvent[] } {
    const taken = { statements: this.#statements, events: this.#events };
    this.#statements = [];
    this.#events = [];
    return taken;
  }

  /** Tells what {@link take} handed over, once it is on disk. */
  written(events: readonly RunEvent[]): void {
    for (const event of events) this.#configuration.onEvent(event);
  }

  #track(written: Promise<void>): Promise<void> {
    this.#last = written;
    this.#next = written;
    const end = () => {
      if (this.#last === written) this.#last = undefined;
    };
    written.then(end, (thrown: unknown) => {
      end();
      this.#configuration.onFailure(GraphwrightError.from(thrown));
    });
    return written;
  }

  #row(row: Omit<StepRow, 'run' | 'sequence' | 'at'>): StepRow {
    return { ...row, run: this.stored.number, sequence: this.#sequence(), at: this.#at() };
  }

  #event(happening: Happening): RunEvent {
    return { sequence: this.#sequence(), at: this.#at(), ...happening } as RunEvent;
  }

  #sequence(): number {
    return (this.stored.sequence += 1);
  }

  #at(): string {
    return this.#configuration.now().toISOString();
  }
}

/** A recorded step as those who follow the run see it. */
export function stepEvent({
  sequence,
  at,
  name: step,
  error,
  duration = 0,
  attempts = 1,
}: StepRow): RunEvent {
  const end = { sequence, at, type: 'step', step, duration, attempts } as const;
  return error ? { ...end, status: 'failed', error } : { ...end, status: 'completed' };
}
