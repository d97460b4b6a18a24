/**
 * Every failure that Graphwright reports, and what each surface makes of it: the HTTP status, the
 * command's exit code, whether trying again can help, and the title people read.
 */
const table = {
  invalid_parameters: {
    kind: 'validation',
    status: 400,
    exit: 2,
    retriable: false,
    title: 'The parameters are not valid',
  },
  invalid_query: {
    kind: 'validation',
    status: 400,
    exit: 2,
    retriable: false,
    title: 'The SPARQL text is not valid',
  },
  invalid_data: {
    kind: 'validation',
    status: 400,
    exit: 2,
    retriable: false,
    title: 'The data is not valid',
  },
  invalid_configuration: {
    kind: 'validation',
    status: 500,
    exit: 2,
    retriable: false,
    title: 'The configuration is not valid',
  },
  unauthorized: {
    kind: 'validation',
    status: 401,
    exit: 3,
    retriable: false,
    title: 'A valid key is needed',
  },
  forbidden: {
    kind: 'validation',
    status: 403,
    exit: 3,
    retriable: false,
    title: 'This is not allowed',
  },
  approval_required: {
    kind: 'validation',
    status: 403,
    exit: 8,
    retriable: false,
    title: 'A person has to approve this first',
  },
  not_found: { kind: 'validation', status: 404, exit: 4, retriable: false, title: 'Not found' },
  method_not_allowed: {
    kind: 'validation',
    status: 405,
    exit: 2,
    retriable: false,
    title: 'This method is not offered here',
  },
  not_acceptable: {
    kind: 'validation',
    status: 406,
    exit: 2,
    retriable: false,
    title: 'None of the accepted formats is offered',
  },
  conflict: {
    kind: 'validation',
    status: 409,
    exit: 5,
    retriable: false,
    title: 'This contradicts what is already stored',
  },
  key_reused: {
    kind: 'validation',
    status: 422,
    exit: 5,
    retriable: false,
    title: 'The idempotency key stands for something else',
  },
  workflow_changed: {
    kind: 'validation',
    status: 409,
    exit: 5,
    retriable: false,
    title: 'The workflow no longer fits what its run recorded',
  },
  gone: {
    kind: 'validation',
    status: 410,
    exit: 4,
    retriable: false,
    title: 'This is no longer kept',
  },
  precondition_failed: {
    kind: 'validation',
    status: 412,
    exit: 5,
    retriable: false,
    title: 'What this was to be based on has changed',
  },
  shape_violation: {
    kind: 'validation',
    status: 422,
    exit: 5,
    retriable: false,
    title: 'The graph would not conform to its shapes',
  },
  too_large: { kind: 'validation', status: 413, exit: 2, retriable: false, title: 'Too large' },
  limit_reached: {
    kind: 'validation',
    status: 422,
    exit: 2,
    retriable: false,
    title: 'A limit was reached before there was an answer',
  },
  unsupported_media_type: {
    kind: 'validation',
    status: 415,
    exit: 2,
    retriable: false,
    title: 'This media type is not read here',
  },
  too_many_requests: {
    kind: 'io',
    status: 429,
    exit: 6,
    retriable: true,
    title: 'Too many requests',
  },
  cancelled: { kind: 'io', status: 499, exit: 130, retriable: true, title: 'Cancelled' },
  timeout: { kind: 'io', status: 504, exit: 6, retriable: true, title: 'This took too long' },
  integration_failed: {
    kind: 'io',
    status: 502,
    exit: 6,
    retriable: true,
    title: 'An outside system failed',
  },
  integration_refused: {
    kind: 'io',
    status: 502,
    exit: 6,
    retriable: false,
    title: 'An outside system refused',
  },
  delivery_unknown: {
    kind: 'io',
    status: 502,
    exit: 6,
    retriable: false,
    title: 'It is not known whether the mail went out',
  },
  unavailable: { kind: 'io', status: 503, exit: 6, retriable: true, title: 'Not available now' },
  data_in_use: {
    kind: 'io',
    status: 503,
    exit: 6,
    retriable: true,
    title: 'The data directory is in use',
  },
  store_full: { kind: 'io', status: 507, exit: 6, retriable: false, title: 'The disk is full' },
  store_damaged: {
    kind: 'unexpected',
    status: 500,
    exit: 7,
    retriable: false,
    title: 'The stored data is damaged',
  },
  invalid_result: {
    kind: 'unexpected',
    status: 500,
    exit: 1,
    retriable: false,
    title: 'The result is not what was promised',
  },
  internal: { kind: 'unexpected', status: 500, exit: 1, retriable: false, title: 'Internal error' },
} as const satisfies Record<string, ErrorTraits>;

interface ErrorTraits {
  kind: 'validation' | 'io' | 'unexpected';
  status: number;
  exit: number;
  retriable: boolean;
  title: string;
}

/** The code of a {@link GraphwrightError}; the same on every surface. */
export type ErrorCode = keyof typeof table;

/** What went wrong in broad terms: bad input, trouble with the outside world, or a defect. */
export type ErrorKind = ErrorTraits['kind'];

/** One thing that is wrong with the input, and where: `pointer` is a JSON Pointer (RFC 6901). */
export interface Problem {
  pointer: string;
  detail: string;
}

/** What a {@link GraphwrightError} may carry besides its code and message. */
export interface ErrorDetails extends ErrorOptions {
  problems?: readonly Problem[];
  /** Overrides what the table says of the code. */
  retriable?: boolean;
  /** More for programs, as JSON: the `report` of a `shape_violation`. */
  details?: Readonly<Record<string, unknown>>;
}

/** The one error class: a code from one table, a message for people, and the cause. */
export class GraphwrightError extends Error {
  override readonly name = 'GraphwrightError';
  readonly code: ErrorCode;
  readonly problems: readonly Problem[];
  readonly retriable: boolean;
  readonly details?: Readonly<Record<string, unknown>>;

  constructor(
    code: ErrorCode,
    message: string,
    { problems = [], retriable, cause, details }: ErrorDetails = {},
  ) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.problems = problems;
    this.retriable = retriable ?? table[code].retriable;
    if (details) this.details = details;
  }

  get kind(): ErrorKind {
    return table[this.code].kind;
  }

  /** The HTTP status. */
  get status(): number {
    return table[this.code].status;
  }

  /** The command's exit code. */
  get exit(): number {
    return table[this.code].exit;
  }

  get title(): string {
    return table[this.code].title;
  }

  /** Turns anything thrown into a GraphwrightError: an aborted signal into `cancelled`, the unknown into `internal`. */
  static from(thrown: unknown): GraphwrightError {
    if (thrown instanceof GraphwrightError) return thrown;
    if (thrown instanceof Error && thrown.name === 'AbortError')
      return new GraphwrightError('cancelled', 'The call was cancelled', { cause: thrown });
    if (thrown instanceof Error && thrown.name === 'TimeoutError')
      return new GraphwrightError('timeout', 'The call took too long', { cause: thrown });
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    return new GraphwrightError('internal', message, { cause: thrown });
  }

  /** Gives back an error that crossed a process or thread boundary as plain data. */
  static fromJSON({ code, message, ...rest }: SerializedError): GraphwrightError {
    const { problems, retriable, details } = rest;
    return new GraphwrightError(code, message, { problems, retriable, details });
  }

  toJSON(): SerializedError {
    const { code, message, kind, retriable, problems, details } = this;
    return { code, message, kind, retriable, problems, ...(details && { details }) };
  }

  /** The error as a client outside may see it: of the unexpected it learns nothing but that it happened. */
  toPublic(): SerializedError {
    if (this.kind !== 'unexpected') return this.toJSON();
    const message = 'Something went wrong on our side; the log says more';
    const { details: _, ...rest } = this.toJSON();
    return { ...rest, message, problems: [] };
  }
}

/** A {@link GraphwrightError} as data, as surfaces show it. The cause stays inside. */
export interface SerializedError {
  code: ErrorCode;
  message: string;
  kind: ErrorKind;
  retriable: boolean;
  problems: readonly Problem[];
  details?: Readonly<Record<string, unknown>>;
}

/** Every code with its kind, HTTP status, exit code and title, for documents and tests. */
export const errorTable: Readonly<Record<ErrorCode, ErrorTraits>> = table;
