import { randomBytes } from 'node:crypto';
import { setImmediate as turn } from 'node:timers/promises';
import type { NamedNode, Quad, Term } from '@rdfjs/types';
import { GraphwrightError } from '../../errors.ts';
import { quoted } from '../shapes/term-text.ts';
import { factory, iri } from '../terms.ts';
import type { Quads } from '../store.ts';

const linesInPiece = 2000;

/**
 * Writes quads of one graph as N-Quads, a statement a line, in pieces of text.
 *
 * Blank nodes that came from outside get this writer's mark: parsers count their labels from zero in
 * every process, and `_:b0_a` of today must not become one with that of last week. Labels which the
 * store gave out stay as they are.
 */
export class QuadWriter {
  readonly #mark = `s${randomBytes(8).toString('hex')}-`;

  /** @throws GraphwrightError `invalid_data` for what is not RDF. */
  async pieces(graph: NamedNode, quads: Quads): Promise<string[]> {
    const name = factory.namedNode(iri(graph.value).value);
    const pieces: string[] = [];
    let lines: string[] = [];
    const line = (quad: Quad) => lines.push(this.line(quad, name));
    const cut = () => {
      pieces.push(lines.join('\n'));
      lines = [];
    };
    if (Symbol.asyncIterator in quads) {
      for await (const quad of quads) if (line(quad) === linesInPiece) cut();
    } else {
      for (const quad of quads)
        if (line(quad) === linesInPiece) {
          cut();
          await turn();
        }
    }
    if (lines.length > 0) cut();
    return pieces;
  }

  /** One statement. */
  line(quad: Quad, graph: Quad['graph']): string {
    const name = graph.termType === 'DefaultGraph' ? '' : ` ${this.#term(graph)}`;
    return `${this.#triple(quad)}${name} .`;
  }

  #triple({ subject, predicate, object }: Quad): string {
    if (subject.termType !== 'NamedNode' && subject.termType !== 'BlankNode')
      throw misplaced(subject, 'subject');
    if (predicate.termType !== 'NamedNode') throw misplaced(predicate, 'predicate');
    return `${this.#term(subject)} ${this.#term(predicate)} ${this.#term(object)}`;
  }

  #term(term: Term): string {
    switch (term.termType) {
      case 'NamedNode':
        return `<${iri(term.value).value}>`;
      case 'BlankNode':
        return `_:${this.label(term.value)}`;
      case 'Literal':
        return literal(term);
      case 'Quad':
        return `<<( ${this.#triple(term as Quad)} )>>`;
      default:
        throw misplaced(term, 'object');
    }
  }

  /** A blank node's label with this writer's mark. */
  label(label: string): string {
    if (ours.test(label)) return label;
    if (!/^[\p{L}\p{N}_.-]*[\p{L}\p{N}_-]$/u.test(label))
      throw new GraphwrightError(
        'invalid_data',
        `Not a blank node's label: ${JSON.stringify(label)}`,
      );
    return this.#mark + label;
  }
}

/** A label that Oxigraph made, or one with the mark of a writer. */
const ours = /^(?:[a-f][\da-f]{31}|s[\da-f]{16}-[\p{L}\p{N}_.-]*[\p{L}\p{N}_-])$/u;

function literal(term: Term & { termType: 'Literal' }): string {
  const { value, language, datatype } = term;
  if (!value.isWellFormed())
    throw new GraphwrightError('invalid_data', 'A literal holds half of a surrogate pair');
  const text = quoted(value);
  if (language) return `${text}@${languageTag(language)}${direction(term)}`;
  if (datatype.value === 'http://www.w3.org/2001/XMLSchema#string') return text;
  return `${text}^^<${iri(datatype.value).value}>`;
}

function languageTag(tag: string): string {
  if (!/^[a-z]{1,8}(-[a-z\d]{1,8})*$/i.test(tag))
    throw new GraphwrightError('invalid_data', `Not a language tag: ${JSON.stringify(tag)}`);
  return tag;
}

const direction = ({ direction: value }: { direction?: 'ltr' | 'rtl' | '' | null }): string =>
  value ? `--${value}` : '';

const misplaced = ({ termType }: Term, place: string) =>
  new GraphwrightError('invalid_data', `A ${termType} cannot be the ${place} of a quad`);
