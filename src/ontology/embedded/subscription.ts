import type { Term } from '@rdfjs/types';
import { GraphwrightError } from '../../errors.ts';
import { provenanceGraph } from '../provenance/terms.ts';
import { matching, places } from '../change-pattern.ts';
import type { ChangeListener, ChangePattern, SubscribeOptions } from '../store.ts';
import { withoutProvenance, type Feed, type RowFilter } from './feed.ts';

/** Calls the listener with what fits the pattern, one change after the other, until the function it returns is called. */
export function subscribe(
  feed: Feed,
  pattern: ChangePattern,
  { listener, after, onError }: SubscribeOptions & { after: number; listener: ChangeListener },
): () => void {
  const leaving = new AbortController();
  const { signal } = leaving;
  const listen = async () => {
    for await (const change of feed.changes({ after, signal }, mention(pattern))) {
      const fitting = matching(change, pattern);
      if (fitting && !signal.aborted) await listener(fitting);
    }
  };
  listen().catch((thrown: unknown) => {
    if (signal.aborted) return;
    const error = GraphwrightError.from(thrown);
    // Without anybody to tell, it must not pass in silence.
    if (!onError) throw error;
    onError(error);
  });
  return () => leaving.abort();
}

/** Whether a line names the pattern's IRIs at all; most do not, and need not be parsed. */
export function mention(pattern: ChangePattern): RowFilter {
  const named = places.flatMap((place) => {
    const term: Term | undefined = pattern[place];
    return term?.termType === 'NamedNode' ? [`<${term.value}>`] : [];
  });
  const all = pattern.graph && provenanceGraph.equals(pattern.graph);
  return (line) => named.every((name) => line.includes(name)) && (all || withoutProvenance(line));
}
