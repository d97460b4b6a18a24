import { tmpdir } from 'node:os';
import fastifyAccepts from '@fastify/accepts';
import fastifySwagger from '@fastify/swagger';
import fastifySwaggerUi from '@fastify/swagger-ui';
import fastifyUnderPressure from '@fastify/under-pressure';
import fastify, { type FastifyInstance, type FastifyServerOptions } from 'fastify';
import { GraphwrightError } from '../errors.ts';
import { sparql } from '../ontology/sparql.ts';
import {
  isObservable,
  type AnswerLimits,
  type ObservableStore,
  type OntologyStore,
} from '../ontology/store.ts';
import type { Shapes } from '../ontology/shapes/shape.ts';
import { asRoutes } from '../workflows/expose/fastify.ts';
import { answerError, answerWithProblems } from '../workflows/expose/problem.ts';
import type { Conversations } from '../workflows/conversations/engine/conversations.ts';
import type { Runs } from '../workflows/runs/runs.ts';
import type { Events } from '../workflows/triggers/events.ts';
import type { AnyWorkflow } from '../workflows/workflow.ts';
import type { Agents } from '../agents/agents.ts';
import { KeyAccess, type Access } from './access.ts';
import { agentRoutes } from './agent-routes.ts';
import { guard } from './api-key.ts';
import { limitBodyTime } from './body-time.ts';
import { changesRoute, type ChangesSettings } from './changes-route.ts';
import { conversationRoutes, type ConversationRouteOptions } from './conversation-routes.ts';
import { graphStoreRoutes } from './graph-store.ts';
import { keysOf, type KeyConfiguration } from './keys.ts';
import type { McpGuarding } from './mcp-guard.ts';
import { mcpRoutes } from './mcp-routes.ts';
import { addSecurityHeaders } from './security-headers.ts';
import { endSilentConnections } from './silent-connections.ts';
import { sparqlRoutes } from './sparql-routes.ts';
import { subjectRoute } from './subject-route.ts';
import { validateRoute } from './validate-route.ts';
import { version } from '../version.ts';
import { addMetrics } from './metrics-route.ts';
import { observeRequests } from './request-work.ts';
import { answerUnknownRequests } from './unknown-requests.ts';
import { voidRoute } from './void.ts';

/** What the server offers. */
export interface ServerConfiguration {
  store: OntologyStore;
  workflows: readonly AnyWorkflow[];
  runs?: Runs;
  events?: Events;
  /** Assistants over the workflows. */
  agents?: Agents;
  /** Conversations, whose operations are among the workflows. */
  conversations?: Conversations;
  conversationEvents?: ConversationRouteOptions;
  /** Asked of every caller but health checks; without one only this machine's own programs are let in. */
  apiKey?: string;
  /** More keys, each with a name and what its callers may do. */
  keys?: readonly KeyConfiguration[];
  /** Milliseconds that a query or update over HTTP may take; 30,000 by default. */
  queryTimeout?: number;
  /** What graphs sent to `/validate` are checked against that bring no shapes of their own. */
  shapes?: Shapes;
  changes?: ChangesSettings;
  /** By which names, and from which web pages, MCP clients may come besides this machine's own; none by default. */
  mcp?: McpGuarding;
  /** How much a query's answer may hold; a million rows and 256 MiB by default. */
  limits?: AnswerLimits;
  logger?: FastifyServerOptions['logger'];
  /** Milliseconds for a request's headers and for its body, unless that comes quickly; 5,000 and 10,000 by default. */
  timeouts?: { headers: number; request: number };
  /** Where graphs that are uploaded are kept until they are whole; the directory for temporary files by default. */
  uploads?: string;
}

/**
 * Composes the HTTP app: workflows and runs, SPARQL, OpenAPI at /openapi.json and /docs, health checks. It
 * listens nowhere yet; `app.listen()` and `app.inject()` are the caller's.
 */
export async function server({
  store,
  workflows,
  runs,
  events,
  agents,
  conversations,
  conversationEvents,
  apiKey,
  keys: named,
  queryTimeout = 30_000,
  shapes,
  changes,
  mcp = { hosts: [], origins: [] },
  limits = { rows: 1_000_000, bytes: 256 * 1024 * 1024 },
  logger = false,
  timeouts = { headers: 5_000, request: 10_000 },
  uploads = tmpdir(),
}: ServerConfiguration): Promise<FastifyInstance> {
  const keys = keysOf(apiKey, named);
  const access = new KeyAccess(store, keys);
  const app = fastify({
    logger,
    frameworkErrors: answerError,
    // By limitBodyTime instead, so that a large file can be sent.
    requestTimeout: 0,
    routerOptions: { maxParamLength: 256 },
    http: {
      headersTimeout: timeouts.headers,
      // How often Node looks for connections past their time.
      connectionsCheckingInterval: Math.min(500, timeouts.headers),
    },
  });
  limitBodyTime(app, timeouts.request);
  observeRequests(app);
  endSilentConnections(app);
  answerWithProblems(app);
  answerUnknownRequests(app);
  guard(app, { keys, isOpen, onAdmitted: (request, key) => access.admit(request, key) });
  await addSecurityHeaders(app);
  // A library that is loaded when it is first needed may hold the thread for a second or two by itself.
  await app.register(fastifyUnderPressure, { maxEventLoopDelay: 5_000 });
  await app.register(fastifyAccepts);
  await describe(app, keys.length > 0);
  addHealth(app, store);
  addMetrics(app, access, store);
  await app.register(
    asRoutes(workflows, {
      runs,
      events,
      conversations,
      callerOf: (request) => access.callerOf(request),
    }),
  );
  if (conversations)
    await app.register(conversationRoutes(conversations, access, conversationEvents));
  if (agents) await app.register(agentRoutes(agents, access));
  await app.register(mcpRoutes(workflows, access, { runs, ...mcp }));
  await app.register(sparqlRoutes(access, { queryTimeout, limits }));
  await app.register(graphStoreRoutes(access, uploads));
  await app.register(subjectRoute(access));
  await app.register(validateRoute({ shapes, timeout: queryTimeout }));
  await app.register(voidRoute(access, queryTimeout));
  // Another server does not tell what changes there; what the store tells, it tells each key its part of.
  if (isObservable(store))
    await app.register(changesRoute(access as Access as Access<ObservableStore>, changes));
  return app;
}

/** What a caller without the key may see: whether the server lives, and what it offers, but nothing that it holds. */
const isOpen = (route: string): boolean =>
  ['/healthz', '/readyz', '/openapi.json', '/docs'].includes(route) || route.startsWith('/docs/');

async function describe(app: FastifyInstance, hasKey: boolean): Promise<void> {
  const bearer = { type: 'http', scheme: 'bearer' } as const;
  await app.register(fastifySwagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Graphwright', version, description: 'Workflows over a knowledge graph' },
      ...(hasKey && { components: { securitySchemes: { bearer } }, security: [{ bearer: [] }] }),
    },
  });
  await app.register(fastifySwaggerUi, { routePrefix: '/docs' });
  app.get('/openapi.json', { schema: { hide: true } }, () => app.swagger());
}

function addHealth(app: FastifyInstance, store: OntologyStore): void {
  const shared = { tags: ['health'], security: [] };
  const alive = { operationId: 'healthz', ...shared, summary: 'Whether the process is alive' };
  const ready = { operationId: 'readyz', ...shared, summary: 'Whether the graph answers' };
  app.get('/healthz', { schema: alive }, () => ({ status: 'ok' }));
  app.get('/readyz', { schema: ready }, async () => {
    await store.ask(sparql`ASK {}`, { timeout: 2_000 }).catch((cause: unknown) => {
      throw new GraphwrightError('unavailable', 'The graph does not answer', { cause });
    });
    return { status: 'ok' };
  });
}
