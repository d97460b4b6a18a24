import type { z } from 'zod';
import type { Change, ChangePattern } from '../../ontology/store.ts';
import { parse } from '../../parse.ts';

/** What starts a workflow, or wakes its runs, without anybody calling it. */
export type Trigger = EventTrigger | WakeTrigger | ScheduleTrigger | ChangeTrigger;

/** What a run is given; the workflow's schema has the last word. */
type Given = Record<string, unknown>;

/** Each event of a type starts a run. Made by {@link onEvent}. */
export interface EventTrigger {
  kind: 'event';
  event: string;
  payload: z.ZodObject;
  parameters(payload: unknown): Given;
}

/** Each event of a type is a signal to the run that it is about. Made by {@link wakeOn}. */
export interface WakeTrigger {
  kind: 'wake';
  event: string;
  payload: z.ZodObject;
  /** The parameter of the run, and the value that it has in the run that is meant. */
  target(payload: unknown): { parameter: string; value: string };
}

/** A cron pattern starts runs. Made by {@link onSchedule}. */
export interface ScheduleTrigger extends Required<Omit<ScheduleOptions, 'parameters'>> {
  kind: 'schedule';
  /** Five fields, or six with seconds first. */
  schedule: string;
  parameters(at: Date): Given;
}

/** A change of the graph starts a run. Made by {@link onChange}. */
export interface ChangeTrigger {
  kind: 'change';
  pattern: ChangePattern;
  parameters(change: Change): Given | undefined;
}

/**
 * Starts a run for each event of a type.
 * @param payload What senders give; others are refused.
 * @param parameters Makes the run's parameters of it; they are the payload itself by default.
 * @example
 * readonly on = [onEvent('new_feedback', CustomerFeedbackParameters)];
 */
export const onEvent = <P extends z.ZodObject>(
  event: string,
  payload: P,
  parameters: (payload: z.output<P>) => Given = (same) => same,
): EventTrigger => ({
  kind: 'event',
  event,
  payload,
  parameters: (given) => parameters(parse(payload, given, 'invalid_parameters', event)),
});

/**
 * Hands each event of a type to the run that it is about, as a signal with the event's name: the newest run
 * whose parameter has the value that `about` finds. The run asks for it by `run.waitFor(event)`. An event
 * that comes before its run is kept for it.
 * @example
 * readonly on = [wakeOn('payment_received', Payment, 'orderId', ({ orderId }) => orderId)];
 */
export const wakeOn = <P extends z.ZodObject>(
  event: string,
  payload: P,
  parameter: string,
  about: (payload: z.output<P>) => string,
): WakeTrigger => ({
  kind: 'wake',
  event,
  payload,
  target: (given) => ({
    parameter,
    value: about(parse(payload, given, 'invalid_parameters', event)),
  }),
});

/** What may be said of a schedule. */
export interface ScheduleOptions {
  /** An IANA name, by whose clock the pattern is read; `UTC` by default. */
  timeZone?: string;
  /**
   * What becomes of the times that passed while nothing was running: `skip` them; start `once` for the
   * last of them, the default; or start `all`.
   */
  missed?: 'skip' | 'once' | 'all';
  /** Makes the run's parameters of the time that it is started for; none by default. */
  parameters?: (at: Date) => Given;
}

/**
 * Starts a run at each time that a cron pattern names, once however many processes there are.
 * @param schedule Minute, hour, day of month, month, day of week; or six fields with seconds first.
 * @example
 * readonly on = [onSchedule('0 7 * * MON-FRI', { timeZone: 'Europe/Berlin' })];
 */
export const onSchedule = (
  schedule: string,
  { timeZone = 'UTC', missed = 'once', parameters = () => ({}) }: ScheduleOptions = {},
): ScheduleTrigger => ({ kind: 'schedule', schedule, timeZone, missed, parameters });

/**
 * Starts a run for each write that has statements which fit a pattern.
 * @param parameters Makes the run's parameters of the fitting part of the write; `undefined` starts none.
 * @example
 * readonly on = [
 *   onChange({ predicate: gw('status'), graph: graphName('tickets') }, ({ inserted }) => ({
 *     ticket: inserted[0]?.subject.value,
 *   })),
 * ];
 */
export const onChange = (
  pattern: ChangePattern,
  parameters: ChangeTrigger['parameters'],
): ChangeTrigger => ({ kind: 'change', pattern, parameters });
