import { currentAttribution } from '../attribution.ts';
import type { Commit } from '../store.ts';
import { currentUnitOfWork, type StagedWrite, type StagingStore } from '../unit-of-work.ts';
import type { AttributedWrites } from './attributed-writes.ts';
import type { WriteRequest } from './engine-worker.ts';
import type { StateFile, Statement } from './state-file.ts';

/** What {@link Staging} works with. */
export interface StagingConfiguration {
  state: StateFile;
  attributed: AttributedWrites;
  write: (request: WriteRequest) => Promise<Commit>;
}

/** Holds back what a step of a run writes, to be committed along with the step's record. */
export class Staging implements StagingStore {
  readonly #configuration: StagingConfiguration;

  constructor(configuration: StagingConfiguration) {
    this.#configuration = configuration;
  }

  /** Stages a write for the unit of work that the calling code is in; undefined when it is in none. */
  stage({
    attribution = currentAttribution(),
    ...write
  }: StagedWrite): Promise<Commit> | undefined {
    const unit = currentUnitOfWork(this.#configuration.state);
    return unit?.stage(this, { ...write, attribution });
  }

  /** Commits what the calling code has staged, which is about to read. */
  async flush(): Promise<void> {
    await currentUnitOfWork(this.#configuration.state)?.flush();
  }

  async preview(writes: readonly StagedWrite[]): Promise<Commit> {
    const requests = writes.map(({ request }) => request);
    const commit = await this.#configuration.write({ type: 'preview', requests });
    return { ...commit, approximate: true };
  }

  commit(writes: readonly StagedWrite[], statements: readonly Statement[]): Promise<Commit> {
    const requests = writes.map(({ request }) => request);
    const { attributed, write } = this.#configuration;
    return attributed.attribute(writes[0]?.attribution, (provenance) =>
      write({ type: 'group', requests, statements, provenance }),
    );
  }
}
