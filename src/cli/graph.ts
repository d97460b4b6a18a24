import { resolve } from 'node:path';
import { GraphwrightError } from '../errors.ts';
import type { EmbeddedStore } from '../ontology/embedded/embedded-store.ts';
import { openEmbedded } from '../ontology/embedded/open-embedded.ts';
import { conclude, configurationOf, type CommonFlags } from './common.ts';

/** `graphwright backup`: copies the data into a directory that can be opened like any other. */
export async function backup(flags: CommonFlags, directory: string): Promise<void> {
  await withEmbedded(flags, async (store) => {
    await store.backup(resolve(directory));
    say(flags, { directory }, `Backed up to ${directory}; open it with --data ${directory}`);
  });
}

/** `graphwright doctor`: checks that every write is as it was written, and names the first that is not. */
export async function doctor(flags: CommonFlags): Promise<void> {
  await withEmbedded(flags, async (store) => {
    const found = await store.verify();
    if (found.damage) throw new GraphwrightError('store_damaged', found.damage.detail);
    say(flags, found, `Sound up to position ${found.position}`);
  });
}

/** Opens the data directory's own graph, whatever server is configured besides. */
export async function withEmbedded(
  flags: CommonFlags,
  action: (store: EmbeddedStore) => Promise<void>,
): Promise<void> {
  await conclude(flags, async () => {
    const { data, store: limits } = configurationOf(flags);
    const { store, close } = await openEmbedded({
      directory: resolve(data),
      timeout: limits.timeout,
    });
    try {
      await action(store);
    } finally {
      await close();
    }
  });
}

/** Tells what a command did, in words or as JSON. */
export function say({ json, quiet }: CommonFlags, facts: object, words: string): void {
  if (json) process.stdout.write(`${JSON.stringify(facts)}\n`);
  else if (!quiet) process.stdout.write(`${words}\n`);
}
