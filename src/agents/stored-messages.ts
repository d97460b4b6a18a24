import { z } from 'zod';
import { GraphwrightError } from '../errors.ts';
import { parse } from '../parse.ts';

/** A message as threads keep it: nothing but data of our own, from which no object of a library is revived. */
export const StoredMessage = z.discriminatedUnion('role', [
  z.strictObject({ role: z.literal('user'), text: z.string() }),
  z.strictObject({
    role: z.literal('assistant'),
    text: z.string(),
    toolCalls: z
      .array(
        z.strictObject({
          id: z.string(),
          name: z.string(),
          arguments: z.record(z.string(), z.unknown()),
        }),
      )
      .optional(),
  }),
  z.strictObject({
    role: z.literal('tool'),
    callId: z.string(),
    name: z.string(),
    text: z.string(),
    failed: z.boolean(),
  }),
]);
export type StoredMessage = z.output<typeof StoredMessage>;

const Stored = z.strictObject({ version: z.literal(1), messages: z.array(StoredMessage) });

/** The messages of a turn as they are written down. */
export const writeMessages = (messages: readonly StoredMessage[]): string =>
  JSON.stringify({ version: 1, messages });

/** Gives back what {@link writeMessages} wrote. @throws GraphwrightError `store_damaged` for anything else. */
export function readMessages(text: string, thread: string): StoredMessage[] {
  const what = `A turn of the thread ${thread}`;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new GraphwrightError('store_damaged', `${what} is not JSON`, { cause });
  }
  return parse(Stored, value, 'store_damaged', what).messages;
}
