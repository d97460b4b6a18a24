/** A run that waits for its turn. */
export interface Queued {
  number: number;
  id: string;
  workflow: string;
}

interface Lane<Q> {
  waiting: Q[];
  running: number;
}

/** Whose turn it is: at most so many at once, of each workflow at most as many as it allows. */
export class RunQueue<Q extends Queued> {
  readonly #most: number;
  readonly #limitOf: (workflow: string) => number;
  readonly #lanes = new Map<string, Lane<Q>>();
  #running = 0;
  #waiting = 0;

  /** @param limitOf How many runs of a workflow may run at once. */
  constructor(most: number, limitOf: (workflow: string) => number) {
    this.#most = most;
    this.#limitOf = limitOf;
  }

  /** Whether somebody waits for a turn. */
  get backlog(): boolean {
    return this.#waiting > 0;
  }

  add(queued: Q): void {
    this.#lane(queued.workflow).waiting.push(queued);
    this.#waiting += 1;
  }

  /** Takes a run out before its turn. */
  remove({ workflow, number }: Q): void {
    const { waiting } = this.#lane(workflow);
    const index = waiting.findIndex((queued) => queued.number === number);
    if (index < 0) return;
    waiting.splice(index, 1);
    this.#waiting -= 1;
  }

  /** The runs whose turn it is; each counts as running until {@link done}. */
  next(): Q[] {
    const found: Q[] = [];
    if (this.#waiting === 0 || this.#running >= this.#most) return found;
    for (const [workflow, lane] of this.#lanes) {
      const limit = this.#limitOf(workflow);
      let taken = 0;
      while (this.#running < this.#most && lane.running < limit && taken < lane.waiting.length) {
        lane.running += 1;
        this.#running += 1;
        found.push(lane.waiting[taken++]!);
      }
      if (taken === 0) continue;
      lane.waiting.splice(0, taken);
      this.#waiting -= taken;
      // To the end of the line, so that a long lane does not hold the others up.
      this.#lanes.delete(workflow);
      this.#lanes.set(workflow, lane);
    }
    return found;
  }

  done({ workflow }: Pick<Queued, 'workflow'>): void {
    const lane = this.#lane(workflow);
    lane.running -= 1;
    this.#running -= 1;
    if (lane.running > 0 || lane.waiting.length > 0) return;
    this.#lanes.delete(workflow);
  }

  #lane(workflow: string): Lane<Q> {
    let lane = this.#lanes.get(workflow);
    if (!lane) this.#lanes.set(workflow, (lane = { waiting: [], running: 0 }));
    return lane;
  }
}
