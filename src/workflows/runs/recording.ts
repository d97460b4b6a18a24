import { GraphwrightError } from '../../errors.ts';
import { Occurrences } from '../step-scope.ts';
import type { StepRow, StoredSignal } from './run-rows.ts';

/** What the code asks for, and how it ended when it was asked for before. */
export interface Asked {
  /** With the number of its occurrence from the second on. */
  name: string;
  asked: number;
  recorded?: StepRow;
}

/** What is asked for by name and in order; the rest of what is recorded belongs to one of these. */
type AskedKind = 'step' | 'sleep' | 'signal' | 'child';

const inOrder: readonly string[] = ['step', 'sleep', 'signal', 'child'] satisfies AskedKind[];

/** What a run recorded when it was executed before, as its code asks for it again. */
export class Recording {
  readonly #rows = new Map<string, StepRow>();
  readonly #intents = new Map<string, number>();
  /** What the code has not asked for again yet, in the order in which it asked the first time. */
  readonly #ahead: StepRow[];
  readonly #seen = new Set<StepRow>();
  #first = 0;
  readonly #occurrences = new Map<string, Occurrences>();
  #asked = 0;
  readonly #signals: StoredSignal[];
  readonly #known: Set<string>;

  constructor(rows: readonly StepRow[], signals: readonly StoredSignal[]) {
    for (const row of rows)
      if (row.kind === 'intent')
        this.#intents.set(row.name, (this.#intents.get(row.name) ?? 0) + 1);
      else this.#rows.set(`${row.kind} ${row.name}`, row);
    this.#ahead = rows
      .filter(({ kind }) => inOrder.includes(kind))
      .toSorted((a, b) => a.asked - b.asked);
    this.#signals = [...signals];
    this.#known = new Set(signals.map(({ id }) => id));
  }

  /** The name of one more occurrence: `name`, `name#2`. */
  occurrence(kind: string, name: string): string {
    let occurrences = this.#occurrences.get(kind);
    if (!occurrences) this.#occurrences.set(kind, (occurrences = new Occurrences()));
    return occurrences.next(name);
  }

  /** Notes that the code asks for something, and finds how it ended. */
  ask(kind: AskedKind, wanted: string): Asked {
    const name = this.occurrence(kind, wanted);
    const recorded = this.#rows.get(`${kind} ${name}`);
    if (recorded) this.#seen.add(recorded);
    return { name, asked: this.#asked++, recorded };
  }

  /** What belongs to a thing that was asked for, or is asked for in no certain order. */
  find(kind: 'now' | 'deadline', name: string): StepRow | undefined {
    return this.#rows.get(`${kind} ${name}`);
  }

  /** How often an effect was begun. */
  intents(name: string): number {
    return this.#intents.get(name) ?? 0;
  }

  /**
   * The first thing that the code asked for earlier than this one the first time, and has not asked for
   * now: branches side by side may yet do so.
   */
  skipped({ asked, recorded }: Asked): StepRow | undefined {
    const row = this.ahead;
    return row && row.asked < (recorded?.asked ?? asked + 1) ? row : undefined;
  }

  /** The first thing that is recorded and was not asked for again. */
  get ahead(): StepRow | undefined {
    let row = this.#ahead[this.#first];
    while (row && this.#seen.has(row)) row = this.#ahead[(this.#first += 1)];
    return row;
  }

  /** Adds a signal that has come, unless it was there already. */
  deliver(signal: StoredSignal): void {
    if (this.#known.has(signal.id)) return;
    this.#known.add(signal.id);
    this.#signals.push(signal);
  }

  /** Takes the oldest signal by a name that nobody has asked for. */
  take(name: string): StoredSignal | undefined {
    const index = this.#signals.findIndex((signal) => signal.name === name);
    return index < 0 ? undefined : this.#signals.splice(index, 1)[0];
  }
}

/** The error of a run whose code no longer asks for what it recorded. */
export const changed = (workflow: string, row: StepRow, asked?: Asked): GraphwrightError =>
  new GraphwrightError(
    'workflow_changed',
    `The run recorded the ${row.kind} ${row.name} where ${workflow} now ${
      asked ? `asks for ${asked.name}` : 'ends without it'
    }; bring back the workflow as it was and resume the run, or start a new one`,
  );
