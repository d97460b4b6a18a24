import { GraphwrightError } from '../../errors.ts';
import type { RunRecord } from './runs.ts';

/** The error of what cannot be done to a run that has ended. */
export const ended = ({ id, status }: RunRecord, what: string) =>
  new GraphwrightError('conflict', `The run ${id} is ${status} and cannot ${what}`);

/** The error of what can be done only to a run that has ended. */
export const underWay = ({ id, status }: RunRecord) =>
  new GraphwrightError('conflict', `The run ${id} is ${status}; cancel it first`);
