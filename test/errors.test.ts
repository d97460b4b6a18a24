import { describe, expect, test } from 'vitest';
import { errorTable, GraphwrightError } from '../src/errors.ts';

describe('A15 errors', () => {
  test('tell validation, input and output, and the unexpected apart', () => {
    expect(new GraphwrightError('invalid_parameters', 'x')).toMatchObject({
      kind: 'validation',
      retriable: false,
    });
    expect(new GraphwrightError('integration_failed', 'x')).toMatchObject({
      kind: 'io',
      retriable: true,
    });
    expect(new GraphwrightError('internal', 'x')).toMatchObject({
      kind: 'unexpected',
      retriable: false,
    });
  });

  test('keep their cause', () => {
    const cause = new Error('inside');
    expect(new GraphwrightError('internal', 'outside', { cause }).cause).toBe(cause);
  });

  test('are made from whatever was thrown', () => {
    const own = new GraphwrightError('conflict', 'x');
    expect(GraphwrightError.from(own)).toBe(own);
    expect(GraphwrightError.from(new Error('x')).code).toBe('internal');
    expect(GraphwrightError.from('a text')).toMatchObject({ code: 'internal', message: 'a text' });
    expect(GraphwrightError.from(AbortSignal.abort().reason).code).toBe('cancelled');
    expect(GraphwrightError.from(new DOMException('late', 'TimeoutError')).code).toBe('timeout');
  });

  test('survive a boundary that carries only data', () => {
    const problems = [{ pointer: '/a', detail: 'wrong' }];
    const error = new GraphwrightError('integration_failed', 'x', { problems, retriable: false });
    const copy = GraphwrightError.fromJSON(JSON.parse(JSON.stringify(error)));
    expect(copy).toMatchObject({
      code: 'integration_failed',
      message: 'x',
      problems,
      retriable: false,
    });
  });

  test('have a status, an exit code and a title for every code', () => {
    for (const traits of Object.values(errorTable)) {
      expect(traits.status).toBeGreaterThanOrEqual(400);
      expect(traits.exit).toBeGreaterThan(0);
      expect(traits.title).not.toBe('');
    }
  });
});
