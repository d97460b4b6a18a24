import type * as OpenTelemetry from '@opentelemetry/api';
import type { GraphwrightError } from './errors.ts';
import {
  observe,
  placeIn,
  type Observation,
  type Observer,
  type TraceContext,
  type Work,
} from './telemetry.ts';
import { version } from './version.ts';

/** What may be said of {@link startTracing}. */
export interface TracingOptions {
  /**
   * Adds what people and models wrote: parameters, query texts, messages, errors' words. False by default,
   * as traces are kept where others read them.
   */
  content?: boolean;
}

/**
 * Makes OpenTelemetry spans of requests, runs, steps, agents, tools, model calls and queries from now on, in this
 * whole process, until the function it gives is called. They go to the SDK that the program has registered; without
 * one they go nowhere.
 * @example
 * new NodeTracerProvider({ spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter())] }).register();
 * const stop = await startTracing();
 */
export async function startTracing({ content = false }: TracingOptions = {}): Promise<() => void> {
  // Who does not trace need not load it.
  const api = await import('@opentelemetry/api');
  return observe(new Tracing(api, content));
}

type Api = typeof OpenTelemetry;

const kinds: Record<Work['kind'], keyof typeof OpenTelemetry.SpanKind> = {
  request: 'SERVER',
  start: 'PRODUCER',
  run: 'INTERNAL',
  step: 'INTERNAL',
  agent: 'INTERNAL',
  tool: 'INTERNAL',
  query: 'CLIENT',
  model: 'CLIENT',
};

class Tracing implements Observer {
  readonly #api: Api;
  readonly #content: boolean;

  constructor(api: Api, content: boolean) {
    this.#api = api;
    this.#content = content;
  }

  begin(work: Work): Observation {
    const { kind, name, attributes, content, follows } = work;
    const { trace, SpanKind } = this.#api;
    const known = this.#content && content ? { ...attributes, ...content() } : attributes;
    const origin = follows && trace.getSpanContext(this.#read(follows));
    const around = this.#around(work);
    const span = trace.getTracer('graphwright', version).startSpan(
      name,
      {
        kind: SpanKind[kinds[kind]],
        attributes: known,
        root: follows !== undefined,
        links: origin ? [{ context: origin }] : [],
      },
      around,
    );
    return new TracedWork(this.#api, span, trace.setSpan(around, span), this.#content);
  }

  place(): TraceContext | undefined {
    const { context, propagation } = this.#api;
    const carrier: Record<string, string> = {};
    propagation.inject(context.active(), carrier);
    // Baggage, which may be anything, stays behind.
    return placeIn(carrier);
  }

  #around({ kind, parent }: Work): OpenTelemetry.Context {
    const { trace, context } = this.#api;
    // An SDK that instruments Node's own HTTP has read the headers already.
    const known = kind === 'request' && trace.getActiveSpan();
    return parent && !known ? this.#read(parent) : context.active();
  }

  #read(carrier: Readonly<Record<string, string>>): OpenTelemetry.Context {
    const { context, propagation } = this.#api;
    return propagation.extract(context.active(), carrier);
  }
}

class TracedWork implements Observation {
  readonly #api: Api;
  readonly #span: OpenTelemetry.Span;
  readonly #context: OpenTelemetry.Context;
  readonly #content: boolean;

  constructor(
    api: Api,
    span: OpenTelemetry.Span,
    context: OpenTelemetry.Context,
    content: boolean,
  ) {
    this.#api = api;
    this.#span = span;
    this.#context = context;
    this.#content = content;
  }

  within<Result>(action: () => Result): Result {
    return this.#api.context.with(this.#context, action);
  }

  set(attributes: Work['attributes']): void {
    this.#span.setAttributes(attributes);
  }

  note(event: string, attributes: Work['attributes']): void {
    this.#span.addEvent(event, attributes);
  }

  end(error?: GraphwrightError): void {
    if (!this.#span.isRecording()) return;
    if (error) {
      this.#span.setAttribute('error.type', error.code);
      const { ERROR } = this.#api.SpanStatusCode;
      // The words of an error may quote what somebody gave.
      const message = this.#content ? error.message : undefined;
      this.#span.setStatus({ code: ERROR, message });
    }
    this.#span.end();
  }
}
