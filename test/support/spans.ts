import { context, propagation, trace } from '@opentelemetry/api';
import {
  InMemorySpanExporter,
  NodeTracerProvider,
  SimpleSpanProcessor,
  type ReadableSpan,
} from '@opentelemetry/sdk-trace-node';
import { startTracing, type TracingOptions } from '../../src/tracing.ts';

/** The spans of this process, from now to the end of the block. */
export interface Spans extends AsyncDisposable {
  /** Those that have ended, in the order of their ends. */
  all(): ReadableSpan[];
  /** Their names. */
  names(): string[];
  /** The only one with a name. */
  named(name: string): ReadableSpan;
  /** The name of what a span is a part of. */
  parentOf(name: string): string | undefined;
  reset(): void;
}

/** Registers an SDK that keeps its spans in memory, as a program registers one that exports them. */
export async function tracedToMemory(options?: TracingOptions): Promise<Spans> {
  const memory = new InMemorySpanExporter();
  const provider = new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(memory)] });
  provider.register();
  const stop = await startTracing(options);
  const all = () => memory.getFinishedSpans();
  const named = (name: string) => {
    const found = all().filter((span) => span.name === name);
    if (found.length === 1) return found[0]!;
    throw new Error(`${found.length} spans ${name} among: ${all().map((span) => span.name)}`);
  };
  return {
    all,
    names: () => all().map(({ name }) => name),
    named,
    parentOf(name) {
      const id = named(name).parentSpanContext?.spanId;
      return all().find((span) => span.spanContext().spanId === id)?.name;
    },
    reset: () => memory.reset(),
    async [Symbol.asyncDispose]() {
      stop();
      await provider.shutdown();
      trace.disable();
      context.disable();
      propagation.disable();
    },
  };
}
