import { GraphwrightError } from '../../errors.ts';
import type { Quad } from '../terms.ts';

/** What a document is read with. */
export interface ReadOptions {
  /** Names the document in messages, such as its file. */
  name: string;
  /** Where statements go that name no graph; the default graph otherwise. */
  graph?: string;
  /** What relative IRIs are relative to; without it they are mistakes. */
  base?: string;
}

/**
 * Takes one statement at a time, as a line of canonical N-Quads without a newline; and where the line is certain to
 * be valid, the name of its graph, empty for the default graph.
 */
export type StatementSink = (line: string, graph?: string) => void;

/** Reads a document that comes in parts, and hands its statements on as soon as they are complete. */
export interface Reader {
  /** @throws GraphwrightError `invalid_data` naming the place of the mistake, `too_large`. */
  push(text: string): void;
  end(): void;
}

/** @throws GraphwrightError `invalid_data` for a graph named by a blank node, which no query could name. */
export function assertNamed({ termType }: Quad['graph']): void {
  if (termType === 'BlankNode')
    throw new GraphwrightError(
      'invalid_data',
      'A graph needs an IRI for its name, not a blank node',
    );
}

/** A mistake at a place of a document; line and column count from 1. */
export function mistake(
  name: string,
  line: number,
  column: number,
  said: string,
  source: string,
  cause?: unknown,
): GraphwrightError {
  const detail = `${name}:${line}:${column}: ${said}`;
  const quoted = source.trim().slice(0, 200);
  const message = quoted ? `${detail} in ${JSON.stringify(quoted)}` : detail;
  return new GraphwrightError('invalid_data', message, {
    problems: [{ pointer: '', detail }],
    cause,
  });
}

/** The longest single statement, in characters: one string holds it, in several places at once. */
export const longestStatement = 32 * 1024 * 1024;

/** A document that goes on for ever without ending a statement. */
export const endless = (name: string, line: number): GraphwrightError =>
  new GraphwrightError(
    'too_large',
    `${name}:${line}: one statement has over ${longestStatement / 2 ** 20} Mi characters`,
  );
