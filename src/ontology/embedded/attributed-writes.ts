import { GraphwrightError } from '../../errors.ts';
import { endedAt, type Attribution } from '../attribution.ts';
import {
  activityIri,
  attributionOf,
  describeActivity,
  endOfActivity,
} from '../provenance/activity.ts';
import type { ProvenanceRequest } from '../provenance/record.ts';
import type { ProvenanceSettings } from '../provenance/settings.ts';
import { provenanceGraph } from '../provenance/terms.ts';
import type { Quad } from '../terms.ts';
import type { WriteRequest } from './engine-worker.ts';
import { QuadWriter } from './nquads.ts';

/** What goes along with each write, so that the engine can record it in the same commit. */
export class AttributedWrites {
  readonly #settings: ProvenanceSettings;
  readonly #onWarning: (warning: GraphwrightError) => void;
  readonly #writer = new QuadWriter();
  readonly #descriptions = new WeakMap<Attribution, readonly string[]>();
  /** Have written something, and their end is not recorded. */
  readonly #open = new Set<Attribution>();

  constructor(settings: ProvenanceSettings, onWarning: (warning: GraphwrightError) => void) {
    this.#settings = settings;
    this.#onWarning = onWarning;
  }

  /**
   * Does one write with what is to be recorded of it; `write` tells whether something changed.
   * @param explicit Wins over what the code is attributed to.
   */
  async attribute<Result extends { inserted: number; removed: number }>(
    explicit: Attribution | undefined,
    write: (provenance: ProvenanceRequest | undefined) => Promise<Result>,
  ): Promise<Result> {
    const { level } = this.#settings;
    if (level === 'off') return write(undefined);
    const attribution = attributionOf(explicit);
    const ended = this.#takeEnded();
    let changed = false;
    try {
      const result = await write({
        level,
        activity: activityIri(attribution).value,
        description: this.#description(attribution),
        ends: this.#endLines(ended),
      });
      changed = result.inserted + result.removed > 0;
      return result;
    } finally {
      if (changed) this.#open.add(attribution);
      else for (const each of ended) this.#open.add(each);
    }
  }

  /** Writes the ends that no write has taken along; without them the activities stay open, which is told. */
  async close(write: (request: WriteRequest) => Promise<unknown>): Promise<void> {
    const pieces = this.#endLines(this.#takeEnded());
    if (pieces.length === 0) return;
    const request: WriteRequest = { type: 'insert', graph: provenanceGraph.value, pieces };
    const failed = (thrown: unknown) => this.#onWarning(GraphwrightError.from(thrown));
    await write(request).catch(failed);
  }

  #endLines(ended: readonly Attribution[]): string[] {
    return this.#lines(ended.map((each) => endOfActivity(each, endedAt(each)!)));
  }

  /** Each end goes along with one write; a write that comes to nothing gives it back. */
  #takeEnded(): Attribution[] {
    const ended = [...this.#open].filter((each) => endedAt(each));
    for (const each of ended) this.#open.delete(each);
    return ended;
  }

  #description(attribution: Attribution): readonly string[] {
    let lines = this.#descriptions.get(attribution);
    if (!lines) {
      lines = this.#lines(describeActivity(attribution, this.#settings));
      this.#descriptions.set(attribution, lines);
    }
    return lines;
  }

  #lines(quads: readonly Quad[]): string[] {
    return quads.map((quad) => this.#writer.line(quad, provenanceGraph));
  }
}
