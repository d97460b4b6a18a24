import type { FastifyInstance } from 'fastify';
import { GraphwrightError } from '../../errors.ts';

const deepest = 64;
const largest = 1024 * 1024;

/** Makes an app read JSON bodies with care: UTF-8 only, at most 1 MiB, at most 64 levels deep, no `__proto__`. */
export function readJsonBodies(app: FastifyInstance): void {
  const parseJson = app.getDefaultJsonParser('error', 'error');
  app.removeContentTypeParser(['application/json', 'text/plain']);
  app.addContentTypeParser<Buffer>(
    'application/json',
    { parseAs: 'buffer', bodyLimit: largest },
    (request, body, done) => {
      try {
        const text = decode(body);
        assertShallow(text);
        parseJson(request, text, done);
      } catch (error) {
        done(error as Error);
      }
    },
  );
}

/** @throws GraphwrightError `invalid_parameters` when the bytes are not UTF-8. */
export function decode(body: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch (cause) {
    throw new GraphwrightError('invalid_parameters', 'The body is not UTF-8 text', { cause });
  }
}

/** Looks at brackets outside strings only, once, before any parser recurses into them. */
function assertShallow(text: string): void {
  let depth = 0;
  let quoted = false;
  // By hand: a regular expression for strings takes quadratic time when the last one never ends.
  for (let index = 0; index < text.length; index++) {
    const character = text[index];
    if (character === '"') quoted = !quoted;
    else if (quoted) index += Number(character === '\\');
    else if (character === '[' || character === '{') depth += 1;
    else if (character === ']' || character === '}') depth -= 1;
    if (depth > deepest)
      throw new GraphwrightError(
        'invalid_parameters',
        `The body nests deeper than ${deepest} levels`,
      );
  }
}
