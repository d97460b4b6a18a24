import { factory, type Quad, type Term } from '../../src/ontology/terms.ts';

/** The answer to a SELECT: its columns and rows. */
export interface Solutions {
  variables: string[];
  rows: Map<string, Term>[];
  /** Whether the order of the rows means something. */
  ordered?: boolean;
}

export const tripleTerm = (subject: Term, predicate: Term, object: Term): Term =>
  factory.quad(
    subject as Quad['subject'],
    predicate as Quad['predicate'],
    object as Quad['object'],
  );

export function literalTerm(
  value: string,
  datatype?: string,
  language?: string,
  direction?: string,
): Term {
  if (language && direction)
    return factory.literal(value, { language, direction: direction as 'ltr' | 'rtl' } as never);
  return factory.literal(value, language || (datatype ? factory.namedNode(datatype) : undefined));
}
