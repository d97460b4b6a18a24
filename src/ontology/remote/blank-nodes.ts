import { randomBytes } from 'node:crypto';
import { GraphwrightError } from '../../errors.ts';
import { factory, iri, type BlankNode, type NamedNode, type Quad, type Term } from '../terms.ts';

const base = 'urn:graphwright:genid:';

/** A label that a remote store's writer marked; those of an embedded one begin with another letter. */
const marked = /^r[\da-f]{16}-[\p{L}\p{N}_.-]*[\p{L}\p{N}_-]$/u;

/**
 * Stands IRIs in for blank nodes (RDF 1.1 Concepts, section 3.5): no protocol lets a client name a blank
 * node of the server, and one that cannot be named cannot be added to or removed.
 */
export class Skolemizer {
  readonly #mark = `r${randomBytes(8).toString('hex')}-`;

  /**
   * A quad as the server is to store it. A blank node that came from here before gets its IRI back; any
   * other gets this writer's mark, since parsers count their labels from zero in every process.
   * @throws GraphwrightError `invalid_data` for what is no quad of RDF 1.1.
   */
  forServer(quad: Quad): Quad {
    const { subject, predicate, object } = quad;
    if (subject.termType !== 'NamedNode' && subject.termType !== 'BlankNode')
      throw misplaced(subject, 'subject');
    if (predicate.termType !== 'NamedNode') throw misplaced(predicate, 'predicate');
    if (!['NamedNode', 'BlankNode', 'Literal'].includes(object.termType))
      throw misplaced(object, 'object');
    if (object.termType === 'Literal' && object.direction)
      throw new GraphwrightError('invalid_data', 'SPARQL 1.1 has no literals with a direction');
    return factory.quad(this.#named(subject), predicate, this.#named(object));
  }

  /**
   * A quad that was read from the server, as the server stores it.
   * @throws GraphwrightError `conflict` for a blank node that others stored.
   */
  forServerAgain(quad: Quad): Quad {
    const strange = [quad.subject, quad.object].find(
      ({ termType, value }) => termType === 'BlankNode' && !marked.test(value),
    );
    if (!strange) return this.forServer(quad);
    throw new GraphwrightError(
      'conflict',
      `What is to be replaced holds the blank node _:${strange.value}, which others stored and no request can name; clear it by an update first`,
    );
  }

  #named<T extends Term>(term: T | BlankNode): T | NamedNode {
    if (term.termType !== 'BlankNode') return term as T;
    const { value } = term;
    if (marked.test(value)) return iri(base + value);
    if (/^[\p{L}\p{N}_.-]*[\p{L}\p{N}_-]$/u.test(value)) return iri(base + this.#mark + value);
    throw new GraphwrightError(
      'invalid_data',
      `A blank node that the remote store made cannot be named to it: ${JSON.stringify(value)}`,
    );
  }
}

/** A term as the server gave it, with blank nodes in the place of the IRIs that stand in for them. */
export function fromServer<T extends Term>(term: T): T | BlankNode {
  if (term.termType !== 'NamedNode' || !term.value.startsWith(base)) return term;
  const label = term.value.slice(base.length);
  return marked.test(label) ? factory.blankNode(label) : term;
}

/** The IRI that stands in for a blank node; none does for one that others stored. */
export const nameOnServer = ({ termType, value }: Term): NamedNode | undefined =>
  termType === 'NamedNode'
    ? iri(value)
    : termType === 'BlankNode' && marked.test(value)
      ? iri(base + value)
      : undefined;

const misplaced = ({ termType }: Term, place: string) =>
  new GraphwrightError('invalid_data', `A ${termType} cannot be the ${place} of a quad`);
