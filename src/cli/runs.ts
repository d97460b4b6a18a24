import { setTimeout as sleep } from 'node:timers/promises';
import { GraphwrightError } from '../errors.ts';
import type { RunRecord } from '../workflows/runs/runs.ts';
import { conclude, interruption, type CommonFlags } from './common.ts';
import { inFull, inTable, inWords } from './show-run.ts';
import { withRuns, type SteeredRuns } from './steered-runs.ts';

/** The flags of the commands on runs. */
export interface RunsFlags extends CommonFlags {
  url?: string;
}

/** The flags of `graphwright runs list`. */
export interface ListFlags extends RunsFlags {
  workflow?: string;
  status?: string;
  limit?: string;
  cursor?: string;
  watch?: boolean;
}

/** `graphwright runs list`: the newest runs; with `--watch` again every second, until Ctrl+C. */
export async function listRuns(flags: ListFlags): Promise<void> {
  await conclude(flags, () =>
    withRuns(flags, async (runs) => {
      const stop = interruption();
      do {
        const page = await runs.list(filterOf(flags));
        if (flags.json) process.stdout.write(`${JSON.stringify(page)}\n`);
        else if (flags.watch) redraw(inTable(page.items));
        else process.stdout.write(`${inTable(page.items)}${more(page.nextCursor)}\n`);
        if (flags.watch) await sleep(1_000, undefined, { signal: stop }).catch(() => undefined);
      } while (flags.watch && !stop.aborted);
    }),
  );
}

/** `graphwright runs show`: one run with its steps. */
export async function showRun(flags: RunsFlags, id: string): Promise<void> {
  await steer(flags, async (runs) => {
    const record = await runs.get(id);
    if (!record) throw new GraphwrightError('not_found', `No run ${id}`);
    return record;
  });
}

/** `graphwright runs follow`: what happens in a run, line by line, until it has ended. */
export async function followRun(flags: RunsFlags, id: string): Promise<void> {
  await conclude(flags, () => withRuns(flags, (runs) => follow(runs, id, flags)));
}

/** `graphwright runs cancel`. */
export const cancelRun = (flags: RunsFlags, id: string): Promise<void> =>
  steer(flags, (runs) => runs.cancel(id));

/** `graphwright runs resume` and `retry`: without a server the run is followed to its end. */
export async function continueRun(
  flags: RunsFlags,
  id: string,
  how: 'resume' | 'retry',
): Promise<void> {
  await conclude(flags, () =>
    withRuns(flags, async (runs, served) => {
      const record = await runs[how](id);
      if (served) return print(record, flags);
      await follow(runs, record.id, flags);
    }),
  );
}

/** `graphwright runs signal`: hands a run a signal, with JSON as its payload. */
export async function signalRun(
  flags: RunsFlags & { id?: string },
  id: string,
  { name, payload }: { name: string; payload?: string },
): Promise<void> {
  await conclude(flags, () =>
    withRuns(flags, (runs) =>
      runs.signal(id, { name, payload: readPayload(payload), id: flags.id }),
    ),
  );
}

/** `graphwright runs delete`. */
export const deleteRun = (flags: RunsFlags, id: string): Promise<void> =>
  conclude(flags, () => withRuns(flags, (runs) => runs.delete(id)));

async function steer(
  flags: RunsFlags,
  action: (runs: SteeredRuns) => Promise<RunRecord>,
): Promise<void> {
  await conclude(flags, () => withRuns(flags, async (runs) => print(await action(runs), flags)));
}

async function follow(runs: SteeredRuns, id: string, flags: RunsFlags): Promise<void> {
  if (!(await runs.get(id))) throw new GraphwrightError('not_found', `No run ${id}`);
  for await (const event of runs.follow(id, { signal: interruption() }))
    process.stdout.write(flags.json ? `${JSON.stringify(event)}\n` : `${inWords(event)}\n`);
  const record = await runs.get(id);
  if (record?.error) throw GraphwrightError.fromJSON(record.error);
  if (record && !flags.json && !flags.quiet) print(record, flags);
}

const more = (cursor: string | undefined): string =>
  cursor === undefined ? '' : `\nThere are more: --cursor ${cursor}`;

/** Writes over what was shown before on a terminal; elsewhere one table after the other. */
function redraw(text: string): void {
  process.stdout.write(process.stdout.isTTY ? `\u001b[H\u001b[2J${text}\n` : `${text}\n\n`);
}

const statuses = ['started', 'processing', 'waiting', 'completed', 'failed', 'cancelled'] as const;

function filterOf({ workflow, status, limit, cursor }: ListFlags) {
  const wanted = status?.split(',').map((word) => {
    const known = statuses.find((each) => each === word);
    if (known) return known;
    throw new GraphwrightError(
      'invalid_parameters',
      `--status: ${word} is none; there are ${statuses.join(', ')}`,
    );
  });
  return {
    workflow,
    status: wanted,
    cursor,
    limit: limit === undefined ? undefined : Number(limit),
  };
}

function readPayload(text: string | undefined): unknown {
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch (cause) {
    const message = `The payload is not JSON: ${(cause as Error).message}`;
    throw new GraphwrightError('invalid_parameters', message, { cause });
  }
}

function print(record: RunRecord, { json }: CommonFlags): void {
  process.stdout.write(`${json ? JSON.stringify(record) : inFull(record)}\n`);
}
