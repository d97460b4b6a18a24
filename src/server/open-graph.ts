import { resolve } from 'node:path';
import type { Configuration } from '../configuration.ts';
import { openEmbedded, statePath } from '../ontology/embedded/open-embedded.ts';
import { openStateFile, type StateFile } from '../ontology/embedded/state-file.ts';
import { RemoteStore } from '../ontology/remote/remote-store.ts';
import type { OntologyStore } from '../ontology/store.ts';

/** The configured graph, and the state file that runs are kept in. */
export interface Graph {
  store: OntologyStore;
  state: StateFile;
  close(): Promise<void>;
}

/**
 * Opens the graph of the data directory, or another server's where `store.queryUrl` names one; runs stay in
 * the data directory in either case.
 * @throws GraphwrightError `data_in_use`, `store_damaged`, `unavailable`, `invalid_configuration`.
 */
export async function openGraph({
  data,
  store: { timeout, queryUrl, updateUrl, token },
}: Pick<Configuration, 'data' | 'store'>): Promise<Graph> {
  const directory = resolve(data);
  if (!queryUrl) return openEmbedded({ directory, timeout });
  const credentials = token === undefined ? undefined : { token };
  const store = new RemoteStore({ query: queryUrl, update: updateUrl, credentials, timeout });
  const state = await openStateFile({ path: await statePath(directory) });
  const close = async () => {
    await store.close();
    await state.close();
  };
  return { store, state, close };
}
