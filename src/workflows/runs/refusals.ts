import { GraphwrightError } from '../../errors.ts';
import { decisionSignal } from '../approval/run-approval.ts';
import type { RunRecord, Signal } from './runs.ts';

/** The error of what cannot be done to a run that has ended. */
export const ended = ({ id, status }: RunRecord, what: string) =>
  new GraphwrightError('conflict', `The run ${id} is ${status} and cannot ${what}`);

/** @throws GraphwrightError `forbidden` for a signal that only the deciding of an approval may send. */
export function assertSignal({ name, id }: Pick<Signal, 'name' | 'id'>): void {
  if (name !== decisionSignal && id !== decisionSignal) return;
  throw new GraphwrightError(
    'forbidden',
    `${decisionSignal} is no signal; decide on the approval instead`,
  );
}

/** @throws GraphwrightError `conflict` for a run that no person has to approve. */
export function assertApprovable({ id, approval }: RunRecord): void {
  if (!approval) throw new GraphwrightError('conflict', `The run ${id} needs no approval`);
}

/** The error of what can be done only to a run that has ended. */
export const underWay = ({ id, status }: RunRecord) =>
  new GraphwrightError('conflict', `The run ${id} is ${status}; cancel it first`);
