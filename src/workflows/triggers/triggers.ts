import { GraphwrightError } from '../../errors.ts';
import type { StateFile } from '../../ontology/embedded/state-file.ts';
import type { ObservableStore } from '../../ontology/store.ts';
import type { RunRecord, Runs } from '../runs/runs.ts';
import type { AnyWorkflow } from '../workflow.ts';
import { Events } from './events.ts';
import {
  assertSchedule,
  isOf,
  unlessThere,
  keptSchedule,
  KeepSchedule,
  type Scheduled,
} from './keep-schedule.ts';
import { watchChanges, type Watching } from './watch-changes.ts';

/** What the triggers of some workflows need. */
export interface TriggersConfiguration {
  runs: Runs;
  workflows: readonly AnyWorkflow[];
  /** The graph whose changes start runs; without it workflows that ask for changes are refused by {@link Triggers.start}. */
  graph?: { store: ObservableStore; state: StateFile };
  now?: () => Date;
  /** Told of a change that should have started a run and did not, and of what ended the watch of the graph. */
  onError(error: GraphwrightError): void;
}

/** Everything that starts workflows, or wakes their runs, without anybody calling them. */
export class Triggers {
  readonly events: Events;
  readonly #configuration: TriggersConfiguration;
  readonly #scheduled: readonly Scheduled[];
  readonly #watching: readonly Watching[];
  readonly #keeper: KeepSchedule;
  #stopWatching?: () => Promise<void>;

  /** @throws GraphwrightError `invalid_configuration` for a schedule that cannot be read. */
  constructor(configuration: TriggersConfiguration) {
    const { runs, workflows } = configuration;
    const all = workflows.flatMap((workflow) =>
      workflow.on.map((trigger) => ({ workflow, trigger })),
    );
    this.#configuration = configuration;
    this.events = new Events({ runs, workflows });
    this.#scheduled = all.flatMap(({ workflow, trigger }) =>
      trigger.kind === 'schedule' ? [{ workflow, trigger }] : [],
    );
    this.#watching = all.flatMap(({ workflow, trigger }) =>
      trigger.kind === 'change' ? [{ workflow, trigger }] : [],
    );
    for (const scheduled of this.#scheduled) assertSchedule(scheduled);
    this.#keeper = new KeepSchedule({ runs, scheduled: this.#scheduled });
  }

  /** The workflows of our own whose runs {@link Runs.resume} has to know; no surface offers them. */
  get workflows(): readonly AnyWorkflow[] {
    return [this.events.workflow, this.#keeper];
  }

  /** Has to be told of every run that was started. */
  started(record: RunRecord): Promise<void> {
    return this.events.started(record);
  }

  /** Begins to keep the schedules and to watch the graph. */
  async start(): Promise<void> {
    await this.#keepSchedules();
    const { graph, runs, onError } = this.#configuration;
    const watching = this.#watching;
    if (watching.length === 0) return;
    if (!graph) throw noFeed(watching);
    this.#stopWatching = await watchChanges({ ...graph, runs, watching, onError });
  }

  async close(): Promise<void> {
    await this.#stopWatching?.();
  }

  /** Goes on with the schedules that are kept already, and ends those that no workflow has any more. */
  async #keepSchedules(): Promise<void> {
    const { runs, now = () => new Date() } = this.#configuration;
    const kept = await this.#kept();
    for (const { id, schedule } of kept)
      if (!this.#scheduled.some((each) => isOf(each, schedule)))
        await runs.cancel(id).catch(unlessThere);
    for (const each of this.#scheduled) {
      if (kept.some(({ schedule }) => isOf(each, schedule))) continue;
      const { schedule, timeZone } = each.trigger;
      const after = now().toISOString();
      await this.#keeper.keep({ workflow: each.workflow.name, schedule, timeZone, after });
    }
  }

  async #kept() {
    const { runs } = this.#configuration;
    const status = ['started', 'processing', 'waiting'] as const;
    const { items } = await runs.list({ workflow: this.#keeper.name, status, limit: 1_000 });
    return items.map(({ id, parameters }) => ({ id, schedule: keptSchedule(parameters) }));
  }
}

const noFeed = ([first]: readonly Watching[]) =>
  new GraphwrightError(
    'invalid_configuration',
    `${first?.workflow.name} asks for changes of the graph, which only the embedded store tells`,
  );
