import { attributed } from '../ontology/attribution.ts';
import { operation } from '../ontology/provenance/activity.ts';
import { sparqlText } from '../ontology/sparql.ts';
import { commandAgent, interruption } from './common.ts';
import { withStore, type TextFlags } from './query.ts';

/** `graphwright update`: changes the graph, all of the update or nothing of it. */
export async function update(flags: TextFlags, text?: string): Promise<void> {
  await withStore(flags, text, async (store, words) => {
    const asked = operation('sparql_update', commandAgent(), { update: words });
    const { position, inserted, removed } = await attributed(asked, () =>
      store.update(sparqlText(words), { signal: interruption() }),
    );
    const line = flags.json
      ? JSON.stringify({ position, inserted, removed })
      : `${inserted} quads inserted, ${removed} removed`;
    process.stdout.write(`${line}\n`);
  });
}
