import { z } from 'zod';
import { parse } from '../../parse.ts';
import type { StartOptions } from './runs.ts';

const Id = z
  .string()
  .regex(/^[A-Za-z0-9_-]{1,64}$/, 'Takes 1 to 64 letters, digits, hyphens and underscores');

const Start = z.looseObject({
  id: Id.optional(),
  idempotencyKey: z.string().min(1).max(1000).optional(),
  parent: Id.optional(),
  delay: z
    .number()
    .min(0)
    .max(8.64e15 / 2)
    .optional(),
});

/** @throws GraphwrightError `invalid_parameters` for options that cannot be met. */
export const assertStart = (options: StartOptions): void =>
  void parse(Start, options, 'invalid_parameters', 'The start of a run');

/** Has those who want the same thing wait for each other. */
export class Turns {
  readonly #last = new Map<string, Promise<unknown>>();

  async take<T>(key: string, action: () => Promise<T>): Promise<T> {
    const before = this.#last.get(key);
    const turn = (before ?? Promise.resolve()).then(action, action);
    this.#last.set(key, turn);
    try {
      return await turn;
    } finally {
      if (this.#last.get(key) === turn) this.#last.delete(key);
    }
  }
}
