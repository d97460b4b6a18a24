import { expect } from 'vitest';
import type { Spans } from '../support/spans.ts';

/** The executions of the run of a workflow named work. */
export const executions = (spans: Spans) => spans.all().filter(({ name }) => name === 'run work');

/**
 * Expects two executions: the first below what started the run, and the second, of another process, in a trace of
 * its own that links to it. What was recorded is not done again, so the step `before` has one span.
 */
export function expectSecondExecution(spans: Spans): void {
  expect(executions(spans)).toHaveLength(2);
  const [first, second] = executions(spans);
  const started = spans.named('start work').spanContext();
  expect(first!.parentSpanContext?.spanId).toBe(started.spanId);
  expect(second!.attributes['graphwright.run.execution']).toBe(2);
  expect(second!.parentSpanContext).toBeUndefined();
  expect(second!.spanContext().traceId).not.toBe(started.traceId);
  expect(second!.links.map(({ context }) => context)).toEqual([
    expect.objectContaining({ traceId: started.traceId, spanId: started.spanId }),
  ]);
  expect(spans.all().filter(({ name }) => name === 'step before')).toHaveLength(1);
}
