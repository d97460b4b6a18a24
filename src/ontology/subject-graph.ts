import type { Quad, Term } from '@rdfjs/types';
import { GraphwrightError } from '../errors.ts';

/** How far from a thing its description goes, and how much it may hold. */
export interface SubjectLimits {
  /** Links that are followed from a thing, plus one; 1 by default, which is the thing itself. */
  depth?: number;
  /** Statements; more are refused with `too_large`. 100,000 by default. */
  limit?: number;
}

/** What a statement says of, and what it points to, whichever factory made them. */
type Statement = Pick<Quad, 'object'>;

/**
 * Walks from a thing to what its statements point to, the nearest first. Each yield asks for all that is
 * said of some nodes; blank nodes cost no step, so that nothing of them is left out.
 * @returns Every statement that it was told.
 * @throws GraphwrightError `invalid_parameters`, `too_large`.
 */
export function* subjectGraph<S extends Statement>(
  start: Term,
  { depth = 1, limit = 100_000 }: SubjectLimits,
): Generator<readonly Term[], S[], readonly S[]> {
  assertCount('depth', depth);
  assertCount('limit', limit);
  const seen = new Set([keyOf(start)]);
  const found: S[] = [];
  let nodes: Term[] = [start];
  for (let level = 1; level <= depth && nodes.length > 0; level += 1) {
    const next: Term[] = [];
    while (nodes.length > 0) {
      const statements = yield nodes;
      if (found.length + statements.length > limit) throw tooLarge(depth, limit);
      nodes = [];
      for (const statement of statements) {
        found.push(statement);
        const { object } = statement;
        if (object.termType !== 'NamedNode' && object.termType !== 'BlankNode') continue;
        if (seen.has(keyOf(object))) continue;
        seen.add(keyOf(object));
        (object.termType === 'BlankNode' ? nodes : next).push(object);
      }
    }
    nodes = next;
  }
  return found;
}

const keyOf = ({ termType, value }: Term) => `${termType} ${value}`;

function assertCount(name: string, value: number): void {
  if (Number.isSafeInteger(value) && value >= 1) return;
  const detail = `The ${name} of a subject's graph is a whole number from 1, not ${value}`;
  throw new GraphwrightError('invalid_parameters', detail, {
    problems: [{ pointer: `/${name}`, detail }],
  });
}

const tooLarge = (depth: number, limit: number) =>
  new GraphwrightError(
    'too_large',
    `More than ${limit} statements are within depth ${depth}; ask for less depth, or set a higher limit`,
  );
