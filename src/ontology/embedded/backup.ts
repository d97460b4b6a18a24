import { access, mkdir, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { GraphwrightError } from '../../errors.ts';
import type { StateFile } from './state-file.ts';

/**
 * Writes a copy of the state file, as of one moment, into a directory that can be opened as a data
 * directory. Commits wait while it is made; reads of the graph do not.
 * @throws GraphwrightError `conflict` when the directory holds a state file already, `store_full`,
 * `unavailable`.
 */
export async function backupState(state: StateFile, directory: string): Promise<void> {
  const path = join(directory, 'state.db');
  const partial = `${path}.partial`;
  await onDisk(directory, () => mkdir(directory, { recursive: true }));
  if (await exists(path))
    throw new GraphwrightError('conflict', `${path} is there already; choose another directory`);
  try {
    await onDisk(directory, () => rm(partial, { force: true }));
    await state.read({ sql: 'VACUUM INTO ?', values: [partial] });
    await onDisk(directory, async () => {
      await sync(partial);
      await rename(partial, path);
      await sync(directory);
    });
  } catch (thrown) {
    await rm(partial, { force: true }).catch(() => undefined);
    throw thrown;
  }
}

async function sync(path: string): Promise<void> {
  const file = await open(path, 'r');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

const exists = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  );

async function onDisk<Value>(directory: string, action: () => Promise<Value>): Promise<Value> {
  try {
    return await action();
  } catch (thrown) {
    const full = (thrown as NodeJS.ErrnoException).code === 'ENOSPC';
    const message = `The backup cannot be written to ${directory}`;
    throw new GraphwrightError(full ? 'store_full' : 'unavailable', message, { cause: thrown });
  }
}
