import { GraphwrightError } from '../../errors.ts';
import type { AnyWorkflow, ParametersOf } from '../workflow.ts';
import { unknownRun } from './run-reader.ts';
import type {
  FollowOptions,
  RunFilter,
  RunPage,
  RunRecord,
  Runs,
  Signal,
  StartOptions,
} from './runs.ts';

/** The runs of one owner; what is for the whole process is left out. */
export type OwnedRuns = Omit<Runs, 'resume' | 'sweep' | 'close' | 'latest' | 'decide'> & {
  resume(id: string): Promise<RunRecord>;
};

/**
 * The runs as one owner sees them: those of others do not exist, and an idempotency key is the owner's own.
 * @param mayCall Asked, by a workflow's name, before a run is resumed or tried again.
 * @example
 * const mine = ownedRuns(runs, 'tenant-a');
 * const { id } = await mine.start(workflow, parameters, { idempotencyKey: 'order-17' });
 */
export function ownedRuns(
  runs: Runs,
  owner: string,
  mayCall: (workflow: string) => boolean = () => true,
): OwnedRuns {
  const own = async (id: string): Promise<RunRecord> => {
    const record = await runs.get(id);
    if (record?.owner !== owner) throw unknownRun(id);
    return record;
  };
  /** What it was allowed to start it may not be allowed to start now. */
  const callable = async (id: string): Promise<void> => {
    const { workflow } = await own(id);
    if (!mayCall(workflow))
      throw new GraphwrightError('forbidden', `${owner} may not call ${workflow}`);
  };
  return {
    start<W extends AnyWorkflow>(workflow: W, input: ParametersOf<W>, options: StartOptions = {}) {
      const { idempotencyKey: key } = options;
      const idempotencyKey = key === undefined ? undefined : JSON.stringify([owner, key]);
      return runs.start(workflow, input, { ...options, idempotencyKey, owner });
    },
    async get(id) {
      const record = await runs.get(id);
      return record?.owner === owner ? record : undefined;
    },
    list: (filter: RunFilter = {}): Promise<RunPage> => runs.list({ ...filter, owner }),
    wait: async (id: string, milliseconds: number, signal?: AbortSignal) =>
      own(id).then(() => runs.wait(id, milliseconds, signal)),
    cancel: (id) => own(id).then(() => runs.cancel(id)),
    signal: (id: string, signal: Signal) => own(id).then(() => runs.signal(id, signal)),
    resume: (id) => callable(id).then(() => runs.resume(id)),
    retry: (id) => callable(id).then(() => runs.retry(id)),
    delete: (id) => own(id).then(() => runs.delete(id)),
    async *follow(id: string, options?: FollowOptions) {
      await own(id);
      yield* runs.follow(id, options);
    },
  };
}
