import type { RunEvent, RunRecord, RunStatus } from '../workflows/runs/runs.ts';
import { painter, showsColours } from './painter.ts';
import { table } from './table.ts';

const paint = painter(showsColours(process.stdout));

const colours: Record<RunStatus, (text: string) => string> = {
  started: paint.cyan,
  processing: paint.cyan,
  waiting: paint.yellow,
  completed: paint.green,
  failed: paint.red,
  cancelled: paint.dim,
};

/** Runs in a table, one a line. */
export function inTable(records: readonly RunRecord[]): string {
  const rows = records.map((record) => [
    record.id,
    record.workflow,
    colours[record.status](record.status),
    doing(record),
    String(record.stepsCompleted.length),
    record.startedAt.slice(0, 19).replace('T', ' '),
    took(record),
  ]);
  return table(
    ['run', 'workflow', 'status', 'now', 'steps', 'started (UTC)', 'took'],
    rows,
    [4, 6],
  );
}

function doing({ currentStep, waiting, error }: RunRecord): string {
  if (error) return error.code;
  if (waiting)
    return 'name' in waiting
      ? `${waiting.for} ${waiting.name}`
      : waiting.for === 'approval'
        ? 'approval'
        : `until ${waiting.until}`;
  return currentStep ?? '';
}

const took = ({ startedAt, endedAt }: RunRecord): string =>
  endedAt === undefined ? '' : duration(Date.parse(endedAt) - Date.parse(startedAt));

const duration = (milliseconds: number): string =>
  milliseconds < 10_000
    ? `${Math.round(milliseconds)} ms`
    : `${Math.round(milliseconds / 1_000)} s`;

/** A run with its steps, and how it ended. */
export function inFull(record: RunRecord): string {
  const steps = record.stepsCompleted.map(({ step, duration: time, attempts }) => [
    step,
    duration(time),
    String(attempts),
  ]);
  const lines = [
    inTable([record]),
    ...(steps.length > 0 ? ['', table(['step', 'took', 'attempts'], steps, [1, 2])] : []),
    ...(record.error ? ['', `${record.error.code}: ${record.error.message}`] : []),
    ...(record.result === undefined ? [] : ['', JSON.stringify(record.result, undefined, 2)]),
  ];
  return lines.join('\n');
}

/** One event of a run in a line. */
export function inWords(event: RunEvent): string {
  const time = paint.dim(event.at.slice(11, 23));
  switch (event.type) {
    case 'status':
      return `${time} ${colours[event.status](event.status)}${event.error ? ` ${event.error.message}` : ''}`;
    case 'step':
      return `${time} ${event.step} ${event.status}${event.status === 'started' ? '' : ` after ${duration(event.duration)}`}${event.status === 'failed' ? `: ${event.error.message}` : ''}`;
    case 'attempt':
      return `${time} ${event.step} failed at attempt ${event.attempt}, again in ${duration(event.delay)}: ${event.error.message}`;
    case 'progress':
      return `${time} ${event.done}${event.total === undefined ? '' : `/${event.total}`} ${event.message ?? ''}`;
  }
}
