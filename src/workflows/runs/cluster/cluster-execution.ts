import { GraphwrightError } from '../../../errors.ts';
import type { StateFile, Statement } from '../../../ontology/embedded/state-file.ts';
import { RunExecution } from '../run-execution.ts';
import { takenStatement } from './cluster-statements.ts';

/** One execution of a run that lies in Postgres. */
export class ClusterExecution extends RunExecution {
  override taken(id: string): Statement {
    return takenStatement(this.id, id);
  }
}

const refuse = () =>
  Promise.reject(new GraphwrightError('internal', 'Runs in Postgres share no commit with a graph'));

/** Runs in Postgres share no commit with a graph, so a step writes to its store directly. */
export const noSharedState: StateFile = {
  commit: refuse,
  quick: false,
  read: refuse,
  link: () => {
    throw new GraphwrightError('internal', 'Runs in Postgres share no commit with a graph');
  },
  close: async () => undefined,
};
