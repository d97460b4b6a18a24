import { sparqlText } from '../ontology/sparql.ts';
import { interruption } from './common.ts';
import { withStore, type TextFlags } from './query.ts';

/** `graphwright update`: changes the graph, all of the update or nothing of it. */
export async function update(flags: TextFlags, text?: string): Promise<void> {
  await withStore(flags, text, async (store, words) => {
    const { position, inserted, removed } = await store.update(sparqlText(words), {
      signal: interruption(),
    });
    const line = flags.json
      ? JSON.stringify({ position, inserted, removed })
      : `${inserted} quads inserted, ${removed} removed`;
    process.stdout.write(`${line}\n`);
  });
}
