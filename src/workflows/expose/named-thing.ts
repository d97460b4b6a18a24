import { GraphwrightError } from '../../errors.ts';
import { iri, type NamedNode } from '../../ontology/terms.ts';

/** The thing that a caller names by its `iri`. @throws GraphwrightError `invalid_parameters` with pointer `/iri`. */
export function namedThing(value: string): NamedNode {
  try {
    return iri(value);
  } catch (cause) {
    const detail = (cause as GraphwrightError).message;
    const problems = [{ pointer: '/iri', detail }];
    throw new GraphwrightError('invalid_parameters', detail, { problems, cause });
  }
}
