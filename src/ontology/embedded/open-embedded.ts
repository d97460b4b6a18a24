import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { GraphwrightError } from '../../errors.ts';
import type { EmbeddedStoreConfiguration } from './embedded-configuration.ts';
import { EmbeddedStore } from './embedded-store.ts';
import { openStateFile, type StateFile } from './state-file.ts';

/** What {@link openEmbedded} takes. */
export interface EmbeddedOptions extends Omit<EmbeddedStoreConfiguration, 'state'> {
  /** Made when it is missing; without one, everything is kept in memory and gone at the end. */
  directory?: string;
}

/** A graph with its state file, which runs may share. */
export interface Embedded {
  store: EmbeddedStore;
  state: StateFile;
  /** Closes the store, then the state file. */
  close(): Promise<void>;
}

/**
 * Opens the knowledge graph of a data directory, kept in its `state.db`.
 * @throws GraphwrightError `data_in_use` while another process has the directory, `store_damaged`,
 * `unavailable` when the directory cannot be made.
 */
export async function openEmbedded({
  directory,
  ...configuration
}: EmbeddedOptions): Promise<Embedded> {
  const state = await openStateFile({ path: await statePath(directory) });
  const open = async () => {
    try {
      return await EmbeddedStore.open({ ...configuration, state });
    } catch (thrown) {
      await state.close();
      throw thrown;
    }
  };
  const store = await open();
  const close = async () => {
    await store.close();
    await state.close();
  };
  return { store, state, close };
}

/**
 * Makes a data directory and tells where its state file lies; without a directory, in memory.
 * @throws GraphwrightError `unavailable` when the directory cannot be made.
 */
export async function statePath(directory: string | undefined): Promise<string> {
  if (directory === undefined) return ':memory:';
  try {
    await mkdir(directory, { recursive: true });
  } catch (thrown) {
    const message = `The data directory ${directory} cannot be made`;
    throw new GraphwrightError('unavailable', message, { cause: thrown });
  }
  return join(directory, 'state.db');
}
