import { randomUUID } from 'node:crypto';
import { derivedUuid } from '../../derived.ts';
import type { Signal } from '../runs.ts';
import type { Carriers } from './carriers.ts';
import type { ClusterReader } from './cluster-reader.ts';
import { updateReady } from './cluster-statements.ts';
import type { Database } from './database.ts';
import type { DbosEngine } from './dbos.ts';

/** What sending works with. */
export interface SendingParts {
  dbos: DbosEngine;
  database: Database;
  reader: ClusterReader;
  carriers: Carriers;
  nextNumber: () => number;
}

/** Keeps a signal for a run, and gives the run its turn when it waits for that and was let go of. */
export async function sendSignal(
  id: string,
  { name, payload, id: signalId = randomUUID() }: Signal,
  { dbos, database, reader, carriers, nextNumber }: SendingParts,
): Promise<void> {
  const message = { number: nextNumber(), payload };
  await dbos.send(id, message, name, derivedUuid('signal', id, signalId));
  const wake = `${updateReady} AND w.workflow_uuid = $1 RETURNING w.workflow_uuid`;
  const [woken] = await database.rows(wake, [id]);
  if (woken) await carriers.tellIfNone((await reader.existing(id)).record);
}
