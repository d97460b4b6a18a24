import type { FastifyReply, FastifyRequest } from 'fastify';
import { GraphwrightError } from '../../errors.ts';
import { withRights } from '../../ontology/rights/current-rights.ts';
import { parse } from '../../parse.ts';
import { runThatWaits } from '../approval/gate.ts';
import { execute } from '../execute.ts';
import type { OwnedRuns } from '../runs/owned-runs.ts';
import { hasEnded, type RunRecord, type Runs } from '../runs/runs.ts';
import type { AnyWorkflow } from '../workflow.ts';
import { agentOf, onBehalfOf, runsOf, type Caller } from './caller.ts';

/** Runs the workflow while the client waits; a client that goes away cancels it. */
export async function callDirectly(
  workflow: AnyWorkflow,
  given: Record<string, unknown>,
  caller: Caller,
  { request, reply }: { request: FastifyRequest; reply: FastifyReply },
): Promise<unknown> {
  const options = { signal: departure(reply), agent: agentOf(caller), owner: caller.name };
  const { name, http } = workflow;
  const key = http?.idempotencyKey === undefined ? undefined : keyOf(request);
  const input = key === undefined ? given : { [http!.idempotencyKey!]: key, ...given };
  const path = JSON.stringify(request.params);
  const call = () => execute(workflow, input, options);
  try {
    const result: unknown = await once(key && `http:${name}:${path}:${key}`, caller, () =>
      withRights(caller.rights, () => onBehalfOf(caller, call)),
    );
    describeAnswer(http, result, { request, reply });
    return answer(reply, result);
  } catch (thrown) {
    const waiting = runThatWaits(thrown);
    if (!waiting) throw thrown;
    return accept(reply, waiting, `${reply.server.prefix}/runs/${waiting.id}`);
  }
}

/** Says in the headers what was made, and where the next page is. */
function describeAnswer(
  http: AnyWorkflow['http'],
  result: unknown,
  { request, reply }: { request: FastifyRequest; reply: FastifyReply },
): void {
  if (typeof result !== 'object' || result === null) return;
  const values = result as Record<string, unknown>;
  if (http?.direct && http.location !== undefined)
    reply.code(201).header('location', request.server.prefix + filled(http.location, values));
  const { nextCursor } = values;
  if (http?.method === 'GET' && typeof nextCursor === 'string')
    reply.header('link', nextPage(request, nextCursor));
}

/** The Link header that leads to the next page of a list. */
export function nextPage({ url }: FastifyRequest, cursor: string): string {
  const next = new URL(url, 'http://here');
  next.searchParams.set('cursor', cursor);
  return `<${next.pathname}${next.search}>; rel="next"`;
}

const filled = (path: string, values: Record<string, unknown>): string =>
  path.replaceAll(/:(\w+)/g, (_, key: string) => encodeURIComponent(String(values[key])));

/** A signal that aborts when the client goes away before it has its answer. */
export function departure(reply: FastifyReply): AbortSignal {
  const gone = new AbortController();
  reply.raw.once('close', () => {
    if (!reply.raw.writableEnded)
      gone.abort(new GraphwrightError('cancelled', 'The client went away'));
  });
  return gone.signal;
}

/** Sends a result as JSON, also when it is a text or nothing, which Fastify would send in its own ways. */
const answer = (reply: FastifyReply, result: unknown): FastifyReply =>
  reply.type('application/json; charset=utf-8').send(JSON.stringify(result) ?? 'null');

/** The idempotency keys of runs that are just being started. */
const starting = new Set<string>();

/**
 * Starts a run and answers with it, see {@link answerWithRun}. With an Idempotency-Key
 * (draft-ietf-httpapi-idempotency-key-header) the same request again gives the same run; another one with
 * that key is refused, and so is one that comes while the first is being started.
 */
export async function callAsRun(
  { runs: all, caller }: { runs: Runs; caller: Caller },
  workflow: AnyWorkflow,
  input: Record<string, unknown>,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<unknown> {
  const key = keyOf(request);
  const agent = agentOf(caller);
  const runs = runsOf(all, caller);
  const record = await once(key && `http:${workflow.name}:${key}`, caller, (idempotencyKey) =>
    runs.start(workflow, input, { agent, idempotencyKey }),
  );
  return answerWithRun(runs, record, { request, reply, location: locationOf(workflow, record) });
}

async function once<Value>(
  key: string | undefined,
  { name }: Caller,
  start: (key?: string) => Promise<Value>,
): Promise<Value> {
  if (key === undefined) return start();
  const own = JSON.stringify([name, key]);
  if (starting.has(own))
    throw new GraphwrightError('conflict', 'A request with this Idempotency-Key is being handled', {
      retriable: true,
    });
  starting.add(own);
  try {
    return await start(key);
  } finally {
    starting.delete(own);
  }
}

/** What the client called this request by, so that it can send it again. */
export function keyOf({ headers }: FastifyRequest): string | undefined {
  const key = headers['idempotency-key'];
  if (key === undefined) return undefined;
  // The field is a structured string, but many clients leave its quotes out.
  const text = String(key).replace(/^"(.*)"$/, '$1');
  if (/^[\x21-\x7e]{1,100}$/.test(text)) return text;
  throw new GraphwrightError(
    'invalid_parameters',
    'An Idempotency-Key has 1 to 100 printable ASCII characters without spaces',
  );
}

/**
 * Answers 202 with a run's record and where to follow it, or with its result when the client waits for
 * it (`Prefer: wait=N`, RFC 7240) and it comes in time.
 */
export async function answerWithRun(
  runs: Pick<OwnedRuns, 'wait'>,
  started: RunRecord,
  { request, reply, location }: { request: FastifyRequest; reply: FastifyReply; location: string },
): Promise<unknown> {
  const seconds = preferredWait(request.headers['prefer']);
  let record = started;
  // What waits for a person is not waited for.
  if (seconds !== undefined && !isPending(started)) {
    record = await runs.wait(started.id, seconds * 1000, departure(reply));
    reply.header('preference-applied', `wait=${seconds}`);
    if (record.status === 'completed') return answer(reply, record.result);
    if (record.error) throw GraphwrightError.fromJSON(record.error);
  }
  return accept(reply, record, request.server.prefix + location);
}

const isPending = ({ approval, ...record }: RunRecord) =>
  approval !== undefined && !approval.decision && !hasEnded(record);

function accept(reply: FastifyReply, record: RunRecord, location: string): RunRecord {
  reply.code(202).header('location', location);
  return publicRun(record);
}

/** A run as clients see it; of an unexpected error they learn nothing but that it happened. */
export const publicRun = (record: RunRecord): RunRecord => ({
  ...record,
  error: record.error && GraphwrightError.fromJSON(record.error).toPublic(),
});

const longestWait = 60;

function preferredWait(header: string | string[] | undefined): number | undefined {
  const wait = /(?:^|[,;\s])wait\s*=\s*"?(\d{1,9})"?/i.exec(String(header ?? ''))?.[1];
  return wait === undefined ? undefined : Math.min(Number(wait), longestWait);
}

function locationOf(workflow: AnyWorkflow, { id, parameters }: RunRecord): string {
  const values = parse(workflow.parameters, parameters, 'internal', workflow.name) as Record<
    string,
    unknown
  >;
  return filled(workflow.http?.location ?? `/runs/${id}`, values);
}
