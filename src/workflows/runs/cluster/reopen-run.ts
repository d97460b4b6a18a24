import { isDeepStrictEqual } from 'node:util';
import { childId } from '../durable-run.ts';
import type { RunRecord } from '../runs.ts';
import type { Carriers } from './carriers.ts';
import type { ClusterReader } from './cluster-reader.ts';
import { endedStates, type PlacedRow } from './cluster-rows.ts';
import { updateReopened } from './cluster-statements.ts';
import type { Database } from './database.ts';

/** What letting a run go on works with. */
export interface ReopeningParts {
  database: Database;
  reader: ClusterReader;
  carriers: Carriers;
  queueOf: (workflow: string) => Promise<string>;
}

/** Lets a run that has ended without a result go on, and before it the children that it failed with. */
export async function reopenRun(record: RunRecord, parts: ReopeningParts): Promise<void> {
  const { database, reader, carriers, queueOf } = parts;
  const { id, workflow } = record;
  const rows = await reader.steps(id);
  for (const { kind, name, error } of rows) {
    const child = kind === 'child' && error && (await reader.run(childId(id, name)))?.record;
    if (child && child.endedAt && child.status !== 'completed') await reopenRun(child, parts);
  }
  const places = staleRows(rows, record).map(({ place }) => place);
  await database.rows(updateReopened, [id, await queueOf(workflow), endedStates, places]);
  await carriers.tellIfNone(record);
}

/**
 * What a run that failed or was cancelled forgets when it goes on: the failure that it came from. Of an effect
 * whose outcome is known nothing stays; of another one that it was begun, for a person to decide on.
 */
function staleRows(rows: readonly PlacedRow[], { status, error }: RunRecord): PlacedRow[] {
  const last = Math.max(-1, ...rows.map(({ asked }) => asked));
  const isFailure = (row: PlacedRow) =>
    row.error !== undefined &&
    (row.asked === last || (status === 'failed' && isDeepStrictEqual(row.error, error)));
  const failures = rows.filter(isFailure);
  const steps = failures.filter(({ kind }) => kind === 'step');
  const latest = new Map(
    rows.filter(({ kind }) => kind === 'intent').map(({ name, place }) => [name, place]),
  );
  const isStale = (row: PlacedRow) =>
    steps.some(({ name, error: failure }) => {
      if (row.kind === 'intent' && row.name === name)
        return failure!.code !== 'delivery_unknown' || latest.get(name) !== row.place;
      const decision = `effect:${name}`;
      const decided = row.name === decision || row.name.startsWith(`${decision}#`);
      return row.kind === 'signal' && decided;
    });
  return rows.filter((row) => failures.includes(row) || isStale(row));
}
