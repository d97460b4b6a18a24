import type { FastifyReply, FastifyRequest } from 'fastify';
import { GraphwrightError } from '../../errors.ts';
import { parse } from '../../parse.ts';
import { execute } from '../execute.ts';
import type { RunRecord, Runs } from '../runs/runs.ts';
import type { AnyWorkflow } from '../workflow.ts';

/** Runs the workflow while the client waits; a client that goes away cancels it. */
export async function callDirectly(
  workflow: AnyWorkflow,
  input: Record<string, unknown>,
  reply: FastifyReply,
): Promise<unknown> {
  return answer(reply, await execute(workflow, input, { signal: departure(reply) }));
}

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

/**
 * Starts a run and answers 202 with its record and Location, or with the result when the client waits for
 * it (`Prefer: wait=N`, RFC 7240) and it comes in time.
 */
export async function callAsRun(
  runs: Runs,
  workflow: AnyWorkflow,
  input: Record<string, unknown>,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<unknown> {
  const started = await runs.start(workflow, input);
  const seconds = preferredWait(request.headers['prefer']);
  const record =
    seconds === undefined ? started : await runs.wait(started.id, seconds * 1000, departure(reply));
  if (seconds !== undefined) reply.header('preference-applied', `wait=${seconds}`);
  if (record.status === 'completed') return answer(reply, record.result);
  if (record.error) throw GraphwrightError.fromJSON(record.error);
  reply.code(202).header('location', request.server.prefix + locationOf(workflow, record));
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
  const path = workflow.http?.location ?? `/runs/${id}`;
  return path.replaceAll(/:(\w+)/g, (_, key: string) => encodeURIComponent(String(values[key])));
}
