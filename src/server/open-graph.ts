import { resolve } from 'node:path';
import type { Configuration } from '../configuration-schema.ts';
import { openEmbedded, statePath } from '../ontology/embedded/open-embedded.ts';
import { openStateFile, type StateFile } from '../ontology/embedded/state-file.ts';
import type { ProvenanceSettings } from '../ontology/provenance/settings.ts';
import { configuredShapes } from '../ontology/shapes/configured-shapes.ts';
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
  store: {
    timeout,
    shapes: shapesPath,
    queryUrl,
    updateUrl,
    token,
    provenance: level,
    provenanceParameters,
    loadFrom,
    loadFromPrivate,
  },
}: Pick<Configuration, 'data' | 'store'>): Promise<Graph> {
  const directory = resolve(data);
  const provenance: ProvenanceSettings = { level, parameters: provenanceParameters };
  if (!queryUrl) {
    const hosts = { hosts: [...loadFrom, ...loadFromPrivate], privateHosts: loadFromPrivate };
    const shapes = await configuredShapes(shapesPath);
    return openEmbedded({ directory, timeout, shapes, provenance, loadFrom: hosts });
  }
  const credentials = token === undefined ? undefined : { token };
  const store = new RemoteStore({
    query: queryUrl,
    update: updateUrl,
    credentials,
    timeout,
    provenance,
  });
  const state = await openStateFile({ path: await statePath(directory) });
  const close = async () => {
    await store.close();
    await state.close();
  };
  return { store, state, close };
}
