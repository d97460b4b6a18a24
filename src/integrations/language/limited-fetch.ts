import { GraphwrightError } from '../../errors.ts';

/** Bytes of an answer, far more than any model says. */
const most = 64 * 1024 * 1024;

/** Bytes between blank lines: what is read as one event, or as one JSON text. */
const mostAtOnce = 1024 * 1024;

/**
 * `fetch` for chat models, whose libraries collect what comes: an answer of more than 64 MiB, or 1 MiB without
 * a blank line, breaks off. Bytes are counted after unpacking, so that a small archive of a huge text ends there.
 */
export async function limitedFetch(
  input: string | URL | Request,
  init?: RequestInit,
): Promise<Response> {
  const answer = await fetch(input, init);
  let size = 0;
  let atOnce = 0;
  const counted = answer.body?.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        size += chunk.byteLength;
        atOnce = afterBlankLine(chunk) ?? atOnce + chunk.byteLength;
        if (size > most) controller.error(tooLong(most));
        else if (atOnce > mostAtOnce) controller.error(tooLong(mostAtOnce));
        else controller.enqueue(chunk);
      },
    }),
  );
  return counted ? new Response(counted, answer) : answer;
}

/** How many bytes follow the last blank line; undefined where there is none. */
function afterBlankLine(chunk: Uint8Array): number | undefined {
  const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  const last = Math.max(bytes.lastIndexOf('\n\n'), bytes.lastIndexOf('\r\n\r\n'));
  return last < 0 ? undefined : bytes.length - last;
}

const tooLong = (limit: number) =>
  new GraphwrightError(
    'integration_refused',
    `The chat model's server answered with more than ${limit} bytes`,
  );
