import { GraphwrightError } from '../../errors.ts';
import { matching } from '../../ontology/change-pattern.ts';
import type { StateFile, Statement } from '../../ontology/embedded/state-file.ts';
import type { Change, ObservableStore } from '../../ontology/store.ts';
import type { Runs } from '../runs/runs.ts';
import type { AnyWorkflow } from '../workflow.ts';
import type { ChangeTrigger } from './trigger.ts';

/** So many changes that start nothing may be looked at again after a crash. */
const changesAtOnce = 256;

/** A workflow and one of the patterns of changes that start it. */
export interface Watching {
  workflow: AnyWorkflow;
  trigger: ChangeTrigger;
}

/** What watching the graph needs. */
export interface WatchConfiguration {
  store: ObservableStore;
  /** Keeps how far was looked. */
  state: StateFile;
  runs: Runs;
  watching: readonly Watching[];
  /** Told of a change that started no run though it should have, and of what ended the watch. */
  onError(error: GraphwrightError): void;
}

const createTable: Statement = {
  sql: `CREATE TABLE IF NOT EXISTS watched (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    position INTEGER NOT NULL
  ) STRICT`,
};

const startAt = (position: number): Statement => ({
  sql: 'INSERT INTO watched (one, position) VALUES (1, ?) ON CONFLICT (one) DO NOTHING',
  values: [position],
});

const savePosition = (position: number): Statement => ({
  sql: 'UPDATE watched SET position = ?',
  values: [position],
});

/**
 * Starts runs for the changes that their workflows ask for, from the change after the last one that was
 * looked at, so that a crash loses none; a change is told by its position, so that none starts two.
 * The first time it begins with the changes to come. Resolves with the function that ends it.
 */
export async function watchChanges(
  configuration: WatchConfiguration,
): Promise<() => Promise<void>> {
  const { state, store, onError } = configuration;
  // Kept before anything is looked at: the changes between here and a crash are not to be lost.
  await state.commit([createTable, startAt(store.position)]);
  const [saved] = await state.read<{ position: number }>({ sql: 'SELECT position FROM watched' });
  const leaving = new AbortController();
  const { signal } = leaving;
  const changes = store.changes({ after: saved!.position, signal });
  const ended = follow(configuration, changes).catch((thrown: unknown) => {
    if (!signal.aborted) onError(GraphwrightError.from(thrown));
  });
  return async () => {
    leaving.abort();
    await ended;
  };
}

async function follow(
  { state, runs, watching, onError }: WatchConfiguration,
  changes: AsyncIterable<Change>,
): Promise<void> {
  let looked = 0;
  for await (const change of changes) {
    let started = 0;
    for (const [index, each] of watching.entries())
      started += Number(await start(each, index, change, runs, onError));
    looked += 1;
    if (started === 0 && looked < changesAtOnce) continue;
    await state.commit([savePosition(change.position)]);
    looked = 0;
  }
}

async function start(
  { workflow, trigger }: Watching,
  index: number,
  change: Change,
  runs: Runs,
  onError: WatchConfiguration['onError'],
): Promise<boolean> {
  const fitting = matching(change, trigger.pattern);
  if (!fitting) return false;
  try {
    const parameters = trigger.parameters(fitting);
    if (!parameters) return false;
    const idempotencyKey = `change:${workflow.name}:${index}:${change.position}`;
    await runs.start(workflow, parameters, { idempotencyKey });
    return true;
  } catch (thrown) {
    const error = GraphwrightError.from(thrown);
    // What can be tried again is tried again from here at the next start.
    if (error.kind === 'io') throw thrown;
    const message = `Change ${change.position} did not start ${workflow.name}: ${error.message}`;
    onError(new GraphwrightError(error.code, message, { cause: thrown }));
    return false;
  }
}
