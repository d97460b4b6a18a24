import type { FastifyInstance, FastifyPluginAsync, FastifyRequest } from 'fastify';
import { GraphwrightError } from '../../errors.ts';
import type { Conversations } from '../conversations/engine/conversations.ts';
import type { Runs } from '../runs/runs.ts';
import type { AnyWorkflow, HttpBinding } from '../workflow.ts';
import type { Events } from '../triggers/events.ts';
import { callAsRun, callDirectly } from './call.ts';
import { assertMayCall, mayCall, type Caller } from './caller.ts';
import { coerce, type Given } from './coerce.ts';
import { readJsonBodies } from './json-body.ts';
import { addEventRoutes } from './event-routes.ts';
import { pathKeys, routeSchema } from './openapi.ts';
import { answerWithProblems } from './problem.ts';
import { groupsIn, inGroups } from './tool-groups.ts';
import { addRunRoutes } from './run-routes.ts';
import { describeEffects, inputSchema, outputSchema, type JsonSchema } from './schemas.ts';

/** How the routes call the workflows. */
export interface RouteOptions {
  /**
   * Carries out what changes something in the background, so that it outlives the connection; without it
   * every call is answered with its result.
   */
  runs?: Runs;
  /** Takes what outside systems tell; only together with `runs`. */
  events?: Events;
  /** Take those events that name what they are about, by `correlationId`; only together with `events`. */
  conversations?: Pick<Conversations, 'deliver' | 'flows'>;
  /** Who sent a request; somebody who may do everything by default. */
  callerOf?: CallerOf;
}

/** Tells who sent a request. */
export type CallerOf = (request: FastifyRequest) => Caller;

/**
 * Makes one route of each workflow, with its OpenAPI description: POST /workflows/<name>, or what its
 * `http` says. GET /workflows lists them, GET /workflows/:name describes one; with `runs`, /runs lists,
 * shows, follows and steers them; with `events`, POST /events/:type takes what happened outside. Errors are problem details (RFC 9457).
 *
 * A read-only workflow answers 200 with its result. With `runs`, any other answers 202 with a run to
 * follow, or 200 with the result under `Prefer: wait=N`.
 * @example
 * const app = fastify();
 * await app.register(asRoutes([new FindPerson({ store })]));
 */
export function asRoutes(
  workflows: readonly AnyWorkflow[],
  { runs, events, conversations, callerOf = () => ({}) }: RouteOptions = {},
): FastifyPluginAsync {
  return async (app) => {
    answerWithProblems(app);
    readJsonBodies(app);
    // The schemas of the routes are documentation: execute() is the one that parses.
    app.setValidatorCompiler(() => () => true);
    app.setSerializerCompiler(() => (data) => JSON.stringify(data));
    app.addHook('preValidation', async ({ params }) => assertPlain(params));
    listWorkflows(app, workflows, callerOf);
    for (const workflow of workflows) addRoute(app, workflow, { runs, callerOf });
    if (runs) addRunRoutes(app, runs, callerOf);
    if (runs && events) addEventRoutes(app, events, { runs, conversations, callerOf });
  };
}

const methodOf = ({ http }: AnyWorkflow) => http?.method ?? 'POST';
const pathOf = ({ http, name }: AnyWorkflow) => http?.path ?? `/workflows/${name}`;

function addRoute(
  app: FastifyInstance,
  workflow: AnyWorkflow,
  { runs, callerOf }: { runs: Runs | undefined; callerOf: CallerOf },
): void {
  const method = methodOf(workflow);
  const url = pathOf(workflow);
  const background = workflow.hints.readOnly || workflow.http?.direct ? undefined : runs;
  const schema = inputSchema(workflow);
  app.route({
    method,
    url,
    schema: routeSchema(workflow, method, url, background !== undefined),
    handler: async (request, reply) => {
      const caller = callerOf(request);
      assertMayCall(caller, workflow);
      const input = readInput(schema, method, url, request);
      return background
        ? callAsRun({ runs: background, caller }, workflow, input, request, reply)
        : callDirectly(workflow, input, caller, { request, reply });
    },
  });
}

/** A body is taken as it is; path and query are text, and read as the types the schema asks for. */
function readInput(
  schema: JsonSchema,
  method: HttpBinding['method'],
  url: string,
  request: FastifyRequest,
): Record<string, unknown> {
  const texts = {
    ...(request.query as Record<string, Given>),
    ...(request.params as Record<string, Given>),
  };
  // Not the request's own method: a HEAD of a GET route reads the same parameters.
  if (method === 'GET') return coerce(schema, texts);
  const stray = Object.keys(texts).find((key) => !pathKeys(url).includes(key));
  if (stray !== undefined)
    throw new GraphwrightError(
      'invalid_parameters',
      `The query has no key ${stray}; send parameters as a JSON body`,
    );
  const { body = {} } = request;
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw new GraphwrightError(
      'invalid_parameters',
      'The body must be a JSON object of parameters',
    );
  return { ...body, ...coerce(schema, texts) };
}

/** A path's values never climb and hold no control characters, whatever a workflow makes of them. */
function assertPlain(values: unknown): void {
  for (const [key, value] of Object.entries(values as Record<string, string>))
    // oxlint-disable-next-line no-control-regex -- these are what is refused
    if (/[\u0000-\u001f\u007f]|(^|[/\\])\.\.?([/\\]|$)/.test(value))
      throw new GraphwrightError('invalid_parameters', `Not a value for ${key} in a path`, {
        problems: [{ pointer: `/${key}`, detail: 'Has control characters or relative segments' }],
      });
}

function listWorkflows(
  app: FastifyInstance,
  workflows: readonly AnyWorkflow[],
  callerOf: CallerOf,
): void {
  const offered = (request: FastifyRequest) => {
    const caller = callerOf(request);
    return workflows.filter((workflow) => mayCall(caller, workflow));
  };
  app.get(
    '/workflows',
    {
      schema: {
        operationId: 'list_workflows',
        tags: ['workflows'],
        summary: 'List the workflows',
        querystring: {
          type: 'object',
          properties: {
            group: {
              type: 'string',
              description: 'Only those of these groups, with commas between',
            },
          },
        },
      },
    },
    (request) => {
      const { group } = request.query as { group?: string | string[] };
      const groups = groupsIn(group === undefined ? undefined : [group].flat().join());
      const found = inGroups(offered(request), groups);
      return { items: found.map((workflow) => summary(workflow, app.prefix)) };
    },
  );
  app.get<{ Params: { name: string } }>(
    '/workflows/:name',
    {
      schema: {
        operationId: 'describe_workflow',
        tags: ['workflows'],
        summary: 'Describe a workflow with its schemas',
      },
    },
    (request) => {
      const workflow = offered(request).find(({ name }) => name === request.params.name);
      if (!workflow) throw new GraphwrightError('not_found', `No workflow ${request.params.name}`);
      return {
        ...summary(workflow, app.prefix),
        parameters: inputSchema(workflow),
        result: outputSchema(workflow),
      };
    },
  );
}

const summary = (workflow: AnyWorkflow, prefix: string) => ({
  name: workflow.name,
  description: describeEffects(workflow),
  group: workflow.group,
  hints: workflow.hints,
  method: methodOf(workflow),
  path: prefix + pathOf(workflow),
});
