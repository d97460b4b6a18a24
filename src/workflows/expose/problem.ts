import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { GraphwrightError, type ErrorCode, type ErrorKind, type Problem } from '../../errors.ts';

/** An error as HTTP clients see it: problem details (RFC 9457) with our code and JSON Pointers. */
export interface ProblemDetails {
  type: string;
  title: string;
  status: number;
  detail: string;
  instance: string;
  code: ErrorCode;
  kind: ErrorKind;
  retriable: boolean;
  errors: readonly Problem[];
}

/** Describes an error for a client; of the unexpected it learns nothing but that it happened. */
export function problemDetails(error: GraphwrightError, instance: string): ProblemDetails {
  const { code, message, kind, retriable, problems, details } = error.toPublic();
  return {
    ...details,
    type: `urn:graphwright:error:${code}`,
    title: error.title,
    status: error.status,
    detail: message,
    instance,
    code,
    kind,
    retriable,
    errors: problems,
  };
}

/** The JSON Schema of {@link ProblemDetails}, for OpenAPI. */
export const problemSchema = {
  type: 'object',
  required: [
    'type',
    'title',
    'status',
    'detail',
    'instance',
    'code',
    'kind',
    'retriable',
    'errors',
  ],
  properties: {
    type: { type: 'string' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string' },
    instance: { type: 'string' },
    code: { type: 'string' },
    kind: { type: 'string', enum: ['validation', 'io', 'unexpected'] },
    retriable: { type: 'boolean' },
    errors: {
      type: 'array',
      items: {
        type: 'object',
        required: ['pointer', 'detail'],
        properties: { pointer: { type: 'string' }, detail: { type: 'string' } },
      },
    },
  },
};

/** Makes an app answer every error, its own and Fastify's, as a problem. */
export function answerWithProblems(app: FastifyInstance): void {
  app.setErrorHandler(answerError);
}

/** Answers anything thrown as a problem; also fit for Fastify's `frameworkErrors`, which no plugin can set. */
export function answerError(
  thrown: FastifyError | GraphwrightError,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const error = thrown instanceof GraphwrightError ? thrown : translate(thrown);
  if (error.kind === 'unexpected') request.log.error(thrown);
  return sendProblem(error, request, reply);
}

/** Makes an app answer a path that nothing is offered at as a problem; for the app itself, as it has but one such handler. */
export function answerUnknownPaths(app: FastifyInstance): void {
  app.setNotFoundHandler((request, reply) => {
    const error = new GraphwrightError(
      'not_found',
      `Nothing is offered at ${request.method} ${pathOf(request)}`,
    );
    return sendProblem(error, request, reply);
  });
}

/** Sends an error as a problem. */
export function sendProblem(
  error: GraphwrightError,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const problem = problemDetails(error, pathOf(request));
  return reply.code(problem.status).type('application/problem+json').send(JSON.stringify(problem));
}

const pathOf = ({ url }: FastifyRequest) => url.split('?', 1)[0]!;

const codesByStatus: Record<number, ErrorCode> = {
  401: 'unauthorized',
  403: 'forbidden',
  404: 'not_found',
  405: 'method_not_allowed',
  406: 'not_acceptable',
  408: 'timeout',
  413: 'too_large',
  415: 'unsupported_media_type',
  429: 'too_many_requests',
  503: 'unavailable',
};

/** Fastify and its plugins say with a status what went wrong before a handler was reached. */
function translate(thrown: FastifyError): GraphwrightError {
  const status = thrown.statusCode;
  const code =
    codesByStatus[status ?? 500] ?? (status && status < 500 ? 'invalid_parameters' : undefined);
  return code
    ? new GraphwrightError(code, thrown.message, { cause: thrown })
    : GraphwrightError.from(thrown);
}
