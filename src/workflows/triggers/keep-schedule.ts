import { Cron } from 'croner';
import { z } from 'zod';
import { GraphwrightError } from '../../errors.ts';
import { derivedUuid } from '../derived.ts';
import type { Runs } from '../runs/runs.ts';
import { Workflow, type AnyWorkflow, type Run } from '../workflow.ts';
import type { ScheduleTrigger } from './trigger.ts';

/** A time that is later than this has been missed. */
const lateness = 60_000;
/** So many missed times are made up for at most. */
const mostAtOnce = 1_000;

const Parameters = z.object({
  workflow: z.string(),
  schedule: z.string(),
  timeZone: z.string(),
  after: z.iso.datetime(),
  previous: z.string().optional(),
});
type Parameters = z.output<typeof Parameters>;

const Started = z.object({ at: z.iso.datetime(), run: z.string() });
const Failed = z.object({ at: z.iso.datetime(), error: z.string() });
const Result = z.object({
  started: z.array(Started),
  failed: z.array(Failed),
  next: z.string().optional().describe('The run that keeps the schedule from here on'),
});

/** A workflow and one of the schedules that start it. */
export interface Scheduled {
  workflow: AnyWorkflow;
  trigger: ScheduleTrigger;
}

/** What keep_schedule works with. */
export interface KeepScheduleConfiguration {
  runs: Runs;
  scheduled: readonly Scheduled[];
}

/**
 * Waits for the next time of a schedule, starts what is due and hands over to a run like itself. Runs are
 * what survives crashes and is carried out once by many processes, so a schedule is one.
 */
export class KeepSchedule extends Workflow<KeepScheduleConfiguration> {
  readonly name = 'keep_schedule';
  readonly description = 'Wait for the next time of a schedule and start what is due.';
  readonly parameters = Parameters;
  readonly result = Result;

  async run(parameters: Parameters, run: Run): Promise<z.output<typeof Result>> {
    const scheduled = this.configuration.scheduled.find((each) => isOf(each, parameters));
    await this.#forget(parameters.previous, run);
    const after = new Date(parameters.after);
    const due = scheduled && nextTime(scheduled.trigger, after);
    // The workflow has the schedule no more, or all its times are over.
    if (!due) return { started: [], failed: [] };
    await run.sleep(Math.max(0, due.getTime() - run.now().getTime()));
    const now = run.now();
    const result: z.output<typeof Result> = { started: [], failed: [] };
    for (const at of dueTimes(scheduled.trigger, after, now))
      await this.#start(scheduled, at, { run, result });
    const reached = now > due ? now : due;
    result.next = await run.step('hand over', () =>
      this.keep({ ...parameters, after: reached.toISOString(), previous: run.id }),
    );
    return result;
  }

  /** Begins to keep a schedule, or goes on; resolves with the run's id. */
  async keep(parameters: Parameters): Promise<string> {
    const { workflow, schedule, timeZone, after } = parameters;
    const id = derivedUuid('schedule', workflow, schedule, timeZone, after);
    const existing = await this.configuration.runs.get(id);
    if (existing) return id;
    await this.configuration.runs.start(this, parameters, { id }).catch(unlessThere);
    return id;
  }

  async #start(
    { workflow, trigger }: Scheduled,
    at: Date,
    { run, result }: { run: Run; result: z.output<typeof Result> },
  ): Promise<void> {
    const time = at.toISOString();
    const idempotencyKey = `schedule:${workflow.name}:${trigger.schedule}:${trigger.timeZone}:${time}`;
    try {
      const id = await run.step(`start ${time}`, async () => {
        const parameters = trigger.parameters(at);
        return (await this.configuration.runs.start(workflow, parameters, { idempotencyKey })).id;
      });
      result.started.push({ at: time, run: id });
    } catch (thrown) {
      // One time that cannot be kept must not end the schedule.
      const { code, message } = GraphwrightError.from(thrown);
      if (run.signal.aborted || code === 'workflow_changed') throw thrown;
      result.failed.push({ at: time, error: message });
    }
  }

  /** One finished run for each schedule tells enough. */
  async #forget(previous: string | undefined, run: Run): Promise<void> {
    if (previous === undefined) return;
    await run.step('forget the one before', () =>
      this.configuration.runs.delete(previous).catch(unlessThere),
    );
  }
}

/** Whether a kept schedule is this one. */
export const isOf = (
  { workflow, trigger }: Scheduled,
  kept: Pick<Parameters, 'workflow' | 'schedule' | 'timeZone'>,
): boolean =>
  workflow.name === kept.workflow &&
  trigger.schedule === kept.schedule &&
  trigger.timeZone === kept.timeZone;

/** What a run of {@link KeepSchedule} was given. */
export const keptSchedule = (parameters: unknown): Parameters => Parameters.parse(parameters);

/** @throws GraphwrightError `invalid_configuration` for a pattern or time zone that is none. */
export function assertSchedule({ workflow, trigger }: Scheduled): void {
  try {
    nextTime(trigger, new Date());
  } catch (cause) {
    const detail = (cause as Error).message;
    throw new GraphwrightError(
      'invalid_configuration',
      `${workflow.name}: the schedule ${JSON.stringify(trigger.schedule)} in ${trigger.timeZone} cannot be read: ${detail}`,
      { cause },
    );
  }
}

function nextTime({ schedule, timeZone }: ScheduleTrigger, after: Date): Date | undefined {
  const cron = new Cron(schedule, { timezone: timeZone, paused: true, mode: '5-or-6-parts' });
  return cron.nextRun(after) ?? undefined;
}

/** The times from `after` to `now` for which runs are started. */
function dueTimes(trigger: ScheduleTrigger, after: Date, now: Date): Date[] {
  const times: Date[] = [];
  let at = nextTime(trigger, after);
  while (at && at <= now) {
    times.push(at);
    if (times.length > mostAtOnce) times.shift();
    at = nextTime(trigger, at);
  }
  const { missed } = trigger;
  if (missed === 'all') return times;
  const last = times.slice(-1);
  if (missed === 'once') return last;
  return last.filter((time) => now.getTime() - time.getTime() <= lateness);
}

/** What another process, or the run itself, has done already is done. */
export function unlessThere(thrown: unknown): void {
  const { code } = GraphwrightError.from(thrown);
  if (code !== 'conflict' && code !== 'not_found') throw thrown;
}
