import { GraphwrightError } from '../../errors.ts';
import { Engine, type EngineQuery } from './engine.ts';
import type { Delta, Head, JournalRow } from './journal.ts';
import { invalidQuery, trapped } from './oxigraph-errors.ts';
import { scanUpdate } from './scan.ts';
import { verifiedPage, type SnapshotPage } from './snapshot-rows.ts';
import { FatalError, serve, type Answer } from './serve.ts';
import type { GraphNames } from './update.ts';

/** What a copy of the graph is asked to do. */
export type EngineRequest =
  | { type: 'replay'; rows: readonly JournalRow[] }
  | { type: 'follow'; row: JournalRow }
  | { type: 'undo'; deltas: readonly Delta[]; head: Head }
  | { type: 'restore'; page: SnapshotPage; head: Head }
  | { type: 'subject'; iri: string }
  | { type: 'export'; graph?: string }
  | { type: 'page' }
  | ({ type: 'query' } & EngineQuery)
  | WriteRequest;

/** What changes the graph; statements come as pieces of N-Quads. */
export type WriteRequest =
  | { type: 'insert' | 'remove' | 'replace'; graph: string; pieces: readonly string[] }
  | { type: 'replaceSubjects'; graph: string; pieces: readonly string[]; parts: readonly string[] }
  | { type: 'update'; text: string; dataset?: GraphNames };

const engine = new Engine();
let pages: Generator<string> | undefined;

serve<EngineRequest>((request) => {
  try {
    return handle(request);
  } catch (thrown) {
    throw survivable(thrown, request);
  }
});

function handle(request: EngineRequest): Answer {
  switch (request.type) {
    case 'replay':
      engine.replay(request.rows);
      return {};
    case 'follow':
      engine.follow(request.row);
      return {};
    case 'undo':
      engine.undo(request.deltas, request.head);
      return {};
    case 'restore':
      engine.restore(verifiedPage(request.page), request.head);
      return {};
    case 'subject':
      return bytes(engine.subject(request.iri));
    case 'export':
      pages = engine.pages(request.graph);
      return {};
    case 'page':
      return { value: pages?.next().value };
    case 'query':
      return bytes(engine.query(request));
    case 'insert':
      return { value: engine.insert(request.graph, request.pieces) };
    case 'remove':
      return { value: engine.remove(request.pieces) };
    case 'replace':
      return { value: engine.replace(request.graph, request.pieces) };
    case 'replaceSubjects':
      return { value: engine.replaceSubjects(request.graph, request.pieces, request.parts) };
    case 'update':
      scanUpdate(request.text);
      return { value: engine.update(request.text, request.dataset) };
  }
}

/** Text moves as bytes: a copy of a long string would hold the event loop. */
function bytes(text: string): Answer {
  const value = new TextEncoder().encode(text);
  return { value, transfer: [value.buffer] };
}

/** After a trap inside WebAssembly the whole instance is dead, every store of the thread with it. */
function survivable(thrown: unknown, { type }: EngineRequest): unknown {
  const text = type === 'query' || type === 'update';
  if (!trapped(thrown)) return type === 'query' ? invalidQuery(thrown) : thrown;
  const reason = text
    ? new GraphwrightError(
        'invalid_query',
        'The SPARQL text is too deeply nested, or needs more memory than there is',
        { cause: thrown },
      )
    : new GraphwrightError('unavailable', `The engine failed: ${thrown.message}`, {
        cause: thrown,
      });
  return new FatalError(reason.message, { cause: reason });
}
