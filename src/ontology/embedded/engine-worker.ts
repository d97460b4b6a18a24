import { GraphwrightError } from '../../errors.ts';
import { Engine, type EngineQuery } from './engine.ts';
import type { Delta, Head, JournalRow } from './journal.ts';
import { invalidQuery, trapped } from './oxigraph-errors.ts';
import { scanUpdate } from './scan.ts';
import { FatalError, serve, type Answer } from './serve.ts';

/** What a copy of the graph is asked to do. */
export type EngineRequest =
  | { type: 'replay'; rows: readonly JournalRow[] }
  | { type: 'follow'; row: JournalRow }
  | { type: 'undo'; deltas: readonly Delta[]; head: Head }
  | ({ type: 'query' } & EngineQuery)
  | WriteRequest;

/** What changes the graph; statements come as pieces of N-Quads. */
export type WriteRequest =
  | { type: 'insert' | 'remove' | 'replace'; graph: string; pieces: readonly string[] }
  | { type: 'update'; text: string };

const engine = new Engine();

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
    case 'query': {
      const value = engine.query(request);
      return { value, transfer: [value.buffer] };
    }
    case 'insert':
      return { value: engine.insert(request.graph, request.pieces) };
    case 'remove':
      return { value: engine.remove(request.pieces) };
    case 'replace':
      return { value: engine.replace(request.graph, request.pieces) };
    case 'update':
      scanUpdate(request.text);
      return { value: engine.update(request.text) };
  }
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
