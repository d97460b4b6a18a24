import { GraphwrightError } from '../../errors.ts';
import { QuadsGraph } from './data-graph.ts';
import { literalParts, termType, type TermText } from './term-text.ts';
import { first, nil, rest, shName } from './vocabulary.ts';
import type { Quad } from '../terms.ts';

/** Reads the descriptions of shapes, and says of a mistake which shape and property it is in. */
export class ShapesGraph extends QuadsGraph {
  readonly name: string;

  /** @param name Names the shapes in messages, such as their file. */
  constructor(quads: Iterable<Quad>, name: string) {
    super(quads);
    this.name = name;
  }

  /** The one value of a property that may have but one. */
  one(subject: TermText, predicate: TermText): TermText | undefined {
    const values = this.objects(subject, predicate);
    if (values.length > 1) throw this.wrong(subject, predicate, 'has more than one value');
    return values[0];
  }

  /** The members of the one list that a property has. */
  list(subject: TermText, predicate: TermText): readonly TermText[] | undefined {
    const head = this.one(subject, predicate);
    return head === undefined ? undefined : this.members(head, subject, predicate);
  }

  members(head: TermText, subject: TermText, predicate: TermText): TermText[] {
    const found: TermText[] = [];
    const seen = new Set<TermText>();
    for (let node = head; node !== nil;) {
      const member = this.one(node, first);
      const next = this.one(node, rest);
      if (member === undefined || next === undefined || seen.has(node))
        throw this.wrong(subject, predicate, 'is not a list, such as ( "a" "b" )');
      seen.add(node);
      found.push(member);
      node = next;
    }
    return found;
  }

  /** A number from 0 on. */
  count(subject: TermText, predicate: TermText): number | undefined {
    const text = this.one(subject, predicate);
    if (text === undefined) return undefined;
    const { value, datatype } = literalParts(text) ?? {};
    const number = Number(value);
    if (!datatype?.endsWith('#integer') || !Number.isSafeInteger(number) || number < 0)
      throw this.wrong(subject, predicate, `is ${text}, not an xsd:integer from 0 on`);
    return number;
  }

  iris(subject: TermText, predicate: TermText): readonly TermText[] {
    const values = this.objects(subject, predicate);
    const other = values.find((value) => termType(value) !== 'NamedNode');
    if (other !== undefined) throw this.wrong(subject, predicate, `is ${other}, not an IRI`);
    return values;
  }

  /** The only true that counts is written `true`: SHACL asks for that very literal. */
  flag(subject: TermText, predicate: TermText): boolean {
    const value = this.one(subject, predicate);
    return value === '"true"^^<http://www.w3.org/2001/XMLSchema#boolean>';
  }

  wrong(subject: TermText, predicate: TermText | undefined, what: string): GraphwrightError {
    const property = predicate && (shName(predicate) ? `sh:${shName(predicate)}` : predicate);
    const place = property ? `${property} of shape ${subject}` : `Shape ${subject}`;
    return new GraphwrightError('invalid_data', `${this.name}: ${place} ${what}`);
  }
}
