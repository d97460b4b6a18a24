import type { GraphwrightError } from '../errors.ts';
import { painter, showsColours } from './painter.ts';

/** Tells an error on standard error, in words or as JSON; results alone go to standard output. */
export function showError(error: GraphwrightError, json = false): void {
  process.stderr.write(json ? `${JSON.stringify(error)}\n` : inWords(error));
}

function inWords(error: GraphwrightError): string {
  const paint = painter(showsColours(process.stderr));
  const details = error.problems.filter(({ detail }) => !error.message.includes(detail));
  const lines = details.map(({ pointer, detail }) => `  ${pointer}: ${detail}`);
  const trace =
    error.kind === 'unexpected' && error.cause instanceof Error
      ? [paint.dim(error.cause.stack ?? '')]
      : [];
  return [`${paint.red(`error ${error.code}`)}: ${error.message}`, ...lines, ...trace, ''].join(
    '\n',
  );
}
