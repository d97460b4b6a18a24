import { GraphwrightError } from '../../errors.ts';
import type { StepEnd } from '../attempts.ts';
import type { Asked } from './recording.ts';
import { json } from './run-rows.ts';

/** What a step gave, as text, or the error that it ended with. */
export function written<T>(
  asked: Asked,
  end: StepEnd<T>,
): { value?: string; error?: GraphwrightError } {
  if (end.error) return { error: end.error };
  try {
    return { value: json(end.value) };
  } catch (cause) {
    const message = `The step ${asked.name} gave what JSON cannot hold: ${(cause as Error).message}`;
    return { error: new GraphwrightError('invalid_result', message, { cause }) };
  }
}
