// oxlint-disable-next-line import/no-unassigned-import -- it takes effect before Oxigraph is loaded
import './memory-limit.ts';
import type { MessagePort } from 'node:worker_threads';
import { GraphwrightError, type SerializedError } from '../../errors.ts';
import {
  Engine,
  type Change,
  type EngineQuery,
  type GraphCondition,
  type PagesOptions,
} from './engine.ts';
import { doesNotFit } from './bulk-insert.ts';
import type { BulkPage } from './bulk-page.ts';
import { jobClaim } from './claims.ts';
import type { Loaded, PageLoaded } from './engine-load.ts';
import { appendRow, assertEnd, type Delta, type Head, type JournalRow } from './journal.ts';
import { invalidQuery, trapped } from './oxigraph-errors.ts';
import { scanUpdate } from '../scan.ts';
import type { Shapes } from '../shapes/shape.ts';
import { verifiedPage, type SnapshotPage } from './snapshot-rows.ts';
import { isBrief } from './statement-size.ts';
import { loadsIn, type UpdateRequest } from './update.ts';
import { FatalError, serve, type Answer } from './serve.ts';
import type { LinkedCommit, LinkedPart, Statement } from './state-file.ts';
import type { ProvenanceRequest } from '../provenance/record.ts';
import type { Rights } from '../rights/rights.ts';
import type { SubjectLimits } from '../subject-graph.ts';

/** What a copy of the graph is asked to do. */
export type EngineRequest =
  | ReadRequest
  | { type: 'claims'; claims: Int32Array }
  | { type: 'read'; place: number; read: ReadRequest }
  | { type: 'replay'; rows: readonly JournalRow[] }
  | { type: 'follow'; rows: readonly JournalRow[] }
  | { type: 'undo'; deltas: readonly Delta[]; head: Head }
  | { type: 'restore'; page: SnapshotPage; head: Head }
  | ({ type: 'export' } & PagesOptions)
  | { type: 'page' }
  | { type: 'checkWrites'; shapes: Shapes }
  | ({ type: 'link' } & EngineLink)
  | { type: 'beginLoad'; memory: number; condition?: GraphCondition }
  | { type: 'load'; page: BulkPage }
  | { type: 'endLoad'; id: number; provenance?: ProvenanceRequest; rights?: Rights }
  /** A commit that is `brief` comes back with the answer, for the caller to make. */
  | { type: 'write'; id: number; requests: readonly WriteRequest[]; brief?: boolean };

/** What is asked of any copy of the graph, by whoever reads. */
export type ReadRequest =
  | ({ type: 'query' } & EngineQuery)
  | { type: 'subject'; iri: string; limits: SubjectLimits; rights?: Rights }
  | { type: 'loads'; text: string; base?: string }
  | { type: 'violations'; shapes: Shapes };

/** How the engine that makes the changes reaches the disk. */
export interface EngineLink {
  /** Takes a {@link LinkedCommit}. */
  port: MessagePort;
  /** 0 while a write is made; set to 1 by the engine that commits it, or to 2 by who ends the engine. */
  claim: Int32Array;
}

/** What became of one write. */
export type Outcome = Change | { error: SerializedError };

/** What became of writes that were made together. */
export interface Written {
  outcomes: readonly Outcome[];
  /** The commit, when the caller is to make it. */
  brief?: readonly Statement[];
}

/** What changes the graph, if the condition holds; statements come as pieces of N-Quads. */
export type WriteRequest = {
  condition?: GraphCondition;
  provenance?: ProvenanceRequest;
  rights?: Rights;
} & (
  | { type: 'insert' | 'remove' | 'replace'; graph: string; pieces: readonly string[] }
  | { type: 'replaceSubjects'; graph: string; pieces: readonly string[]; parts: readonly string[] }
  | ({ type: 'update' } & UpdateRequest)
  /** Several as one, along with other rows of the state file. */
  | { type: 'group'; requests: readonly WriteRequest[]; statements: readonly Statement[] }
  /** Several, of which the last one's counts are wanted; none is made. */
  | { type: 'preview'; requests: readonly WriteRequest[] }
);

const engine = new Engine();
let pages: Generator<string> | undefined;
let link: EngineLink | undefined;
let claims: Int32Array | undefined;
const encoder = new TextEncoder();

serve<EngineRequest>((request) => {
  try {
    return handle(request);
  } catch (thrown) {
    throw survivable(thrown, request.type === 'read' ? request.read : request);
  }
});

function handle(request: EngineRequest): Answer | Promise<Answer> {
  switch (request.type) {
    case 'replay':
      engine.replay(request.rows);
      return {};
    case 'follow':
      engine.follow(request.rows);
      return {};
    case 'undo':
      engine.undo(request.deltas, request.head);
      return {};
    case 'restore':
      engine.restore(verifiedPage(request.page), request.head);
      return {};
    case 'claims':
      ({ claims } = request);
      return {};
    case 'read':
      // Taken back meanwhile, it is answered elsewhere.
      return Atomics.compareExchange(claims!, request.place, jobClaim.open, jobClaim.begun) ===
        jobClaim.open
        ? holdable(handle(request.read) as Answer)
        : holdable({});
    case 'subject':
      return answered(engine.subject(request.iri, request.limits, request.rights));
    case 'export':
      pages = engine.pages(request);
      return {};
    case 'page':
      return { value: pages?.next().value };
    case 'query':
      return answered(engine.query(request));
    case 'checkWrites':
      engine.checkWrites(request.shapes);
      return {};
    case 'violations':
      return answered(JSON.stringify(engine.violations(request.shapes)));
    case 'link':
      link = request;
      return {};
    case 'loads':
      scanUpdate(request.text);
      return answered(JSON.stringify(loadsIn(request.text, request.base)));
    case 'beginLoad':
      if (request.condition) engine.assertGraph(request.condition);
      engine.beginLoad(request.memory);
      return {};
    case 'load':
      return { value: load(request.page) };
    case 'endLoad':
      engine.attribute(request.provenance, request.rights);
      return commitLoad(request.id);
    case 'write':
      return write(request);
  }
}

/** Lets an answer wait for the next one, if one is being asked for. */
const holdable = (answer: Answer): Answer => ({
  ...answer,
  hold: !answer.transfer && claims!.includes(jobClaim.open),
});

/** Makes the changes one after the other and commits them together; the answer does not wait for the disk. */
function write({
  id,
  requests,
  brief,
}: Extract<EngineRequest, { type: 'write' }>): Answer | Promise<Answer> {
  const outcomes = requests.map(outcome);
  const rows = outcomes.flatMap((each) => ('row' in each && each.row ? [each.row] : []));
  const others = requests.flatMap((request, index) =>
    request.type === 'group' && !('error' in outcomes[index]!) ? request.statements : [],
  );
  // What changes nothing in the graph holds only as long as all before it gets to the disk.
  if (others.length > 0 && rows.length === 0) others.unshift(assertEnd(engine.head.position));
  const statements = [...rows.map(appendRow), ...others];
  if (statements.length === 0) return { value: { outcomes } satisfies Written };
  if (brief && isBrief(statements))
    return { value: { outcomes, brief: statements } satisfies Written };
  const { port, claim } = link!;
  // Given up meanwhile: this thread is about to end, and nothing of the write may reach the disk.
  if (Atomics.compareExchange(claim, 0, 0, 1) !== 0) return new Promise(() => undefined);
  port.postMessage({ id, statements } satisfies LinkedCommit);
  return { value: { outcomes } satisfies Written };
}

/** The row of each page goes ahead of the commit, while the next page is loaded. */
function load(page: BulkPage): PageLoaded {
  const loaded = engine.load(page);
  const part: LinkedPart | undefined = loaded.row && { before: [appendRow(loaded.row)] };
  const { port } = link!;
  if (part) port.postMessage(part);
  return loaded;
}

function commitLoad(id: number): Answer {
  const { any, ...value } = engine.endLoad();
  const commit: LinkedCommit = { id, statements: value.record ? [appendRow(value.record)] : [] };
  const { port } = link!;
  if (any) port.postMessage(commit);
  return { value: value satisfies Loaded };
}

function outcome(request: WriteRequest): Outcome {
  try {
    return change(request);
  } catch (thrown) {
    if (trapped(thrown)) throw survivable(thrown, request);
    return { error: GraphwrightError.from(thrown).toJSON() };
  }
}

function change(request: WriteRequest): Change {
  if (request.condition) engine.assertGraph(request.condition);
  engine.attribute(request.provenance, request.rights);
  switch (request.type) {
    case 'insert':
      return engine.insert(request.graph, request.pieces);
    case 'remove':
      return engine.remove(request.pieces);
    case 'replace':
      return engine.replace(request.graph, request.pieces);
    case 'replaceSubjects':
      return engine.replaceSubjects(request.graph, request.pieces, request.parts);
    case 'update':
      scanUpdate(request.text);
      return engine.update(request);
    case 'group':
      return engine.together(() => request.requests.forEach(change));
    case 'preview':
      return engine.preview(() => request.requests.map(change).at(-1)!);
  }
}

/** A long text moves as bytes, since a copy of it would hold the event loop; a short one is copied in less time. */
function answered(text: string): Answer {
  if (text.length < 16_384) return { value: text };
  const value = encoder.encode(text);
  return { value, transfer: [value.buffer] };
}

/** After a trap inside WebAssembly the whole instance is dead, every store of the thread with it. */
function survivable(
  thrown: unknown,
  { type }: Pick<EngineRequest | WriteRequest, 'type'>,
): unknown {
  if (thrown instanceof FatalError) return thrown;
  const text = ['query', 'update', 'loads', 'group', 'preview'].includes(type);
  if (!trapped(thrown)) return type === 'query' ? invalidQuery(thrown) : thrown;
  if (type === 'load') {
    const full = doesNotFit('the engine has no memory left', thrown);
    return new FatalError(full.message, { cause: full });
  }
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
