import { GraphwrightError } from '../../errors.ts';
import type { Shapes } from '../shapes/shape.ts';
import type { ValidateOptions } from '../shapes/validate.ts';
import type { Violation } from '../shapes/violations.ts';
import { iri, type Quad } from '../terms.ts';
import type { EngineRequest } from './engine-worker.ts';
import type { JournalRow } from './journal.ts';
import { QuadWriter } from './nquads.ts';
import { toText, type AnswerText } from './results.ts';
import { cancelled, Thread } from './thread.ts';

const graph = iri('urn:graphwright:validated');

/**
 * What is wrong with quads that are in no store, found in a thread of its own: neither their number nor a
 * pattern that backtracks without end holds anybody up.
 * @throws GraphwrightError `invalid_data` for quads that the store would refuse, `timeout`, `cancelled`.
 */
export async function violationsApart(
  quads: readonly Quad[],
  shapes: Shapes,
  { signal, timeout }: ValidateOptions,
): Promise<Violation[]> {
  if (signal?.aborted) throw cancelled();
  const pieces = await new QuadWriter().pieces(graph, quads);
  const inserted = pieces.map((piece) => `${piece}\n`).join('');
  const row: JournalRow = { position: 1, at: '', removed: '', inserted, checksum: '' };
  const thread = new Thread('#engine-worker');
  try {
    const held = thread.callWithin<void>({ type: 'follow', rows: [row] } satisfies EngineRequest, {
      signal,
      timeout,
    });
    await held.catch((cause: unknown) => {
      throw refused(GraphwrightError.from(cause));
    });
    const request: EngineRequest = { type: 'violations', shapes };
    const found = await thread.callWithin<AnswerText>(request, { signal, timeout });
    return JSON.parse(toText(found)) as Violation[];
  } finally {
    await thread.end(cancelled());
  }
}

/** What the engine says of a term that its parser does not take. */
const refused = (error: GraphwrightError): GraphwrightError =>
  error.code === 'internal'
    ? new GraphwrightError('invalid_data', `The data are not valid: ${error.message}`, {
        problems: [{ pointer: '', detail: error.message }],
        cause: error,
      })
    : error;
