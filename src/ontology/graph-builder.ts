import { GraphwrightError } from '../errors.ts';
import { factory, rdf, thing, type Literal, type NamedNode, type Quad } from './terms.ts';
import { toLiteral, type LiteralValue } from './literals.ts';
import {
  coreVocabulary,
  type ClassTerm,
  type PropertyTerm,
  type Vocabulary,
} from './vocabulary.ts';

/** What a property may be given: one value or several; undefined leaves the property out. */
export type PropertyValue = LiteralValue | readonly LiteralValue[] | undefined;

/** The properties of a new entity; the identifier makes its IRI. */
export interface EntityProperties {
  identifier: string;
  [property: string]: PropertyValue;
}

/**
 * Builds a small graph whose terms the vocabulary knows, with the datatypes it asks for.
 *
 * Entities get the same IRI whenever class and identifier are the same. Iterate the builder to get its
 * quads, each once; the graph they go into is named by whoever writes them.
 * @example
 * const graph = new GraphBuilder();
 * const customer = graph.createEntity('Customer', { identifier: 'c-1', name: 'Ada' });
 * graph.createRelationship(feedback, 'providedBy', customer);
 * await store.insert(graphName('customer_data'), graph);
 */
export class GraphBuilder implements Iterable<Quad> {
  readonly #vocabulary: Vocabulary;
  readonly #quads = new Map<string, Quad>();
  readonly #classes = new Map<string, ClassTerm>();

  constructor(vocabulary: Vocabulary = coreVocabulary()) {
    this.#vocabulary = vocabulary;
  }

  /**
   * Adds a thing of a class.
   * @throws GraphwrightError `invalid_data` for an unknown class or property, or a value that does not fit.
   */
  createEntity(className: string, properties: EntityProperties): NamedNode {
    const type = this.#vocabulary.class(className);
    const { identifier } = properties;
    if (typeof identifier !== 'string' || identifier === '')
      throw mismatch(this.#vocabulary.property('identifier'), identifierNeeds(identifier));
    const entity = thing(kebab(className), identifier);
    this.#classes.set(entity.value, type);
    this.#add(entity, rdf('type'), type.iri);
    for (const [property, values] of Object.entries(properties))
      for (const value of Array.isArray(values) ? values : [values])
        if (value !== undefined) this.addProperty(entity, property, value);
    return entity;
  }

  /** Adds a value; its datatype is the one that the property's range asks for. */
  addProperty(subject: NamedNode, property: string, value: LiteralValue): void {
    const term = this.#property(subject, property);
    if (term.kind === 'object')
      throw mismatch(
        term,
        `points to a thing, not to the value ${JSON.stringify(value)}; use createRelationship`,
      );
    this.#add(subject, term.iri, toLiteral(value, term));
  }

  /** Links two things. */
  createRelationship(subject: NamedNode, property: string, object: NamedNode): void {
    const term = this.#property(subject, property);
    if (term.kind === 'datatype')
      throw mismatch(term, `holds a value, not the thing <${object.value}>; use addProperty`);
    const type = this.#classes.get(object.value);
    if (type && term.range && !type.ancestors.has(term.range.value))
      throw mismatch(
        term,
        `points to a ${local(term.range.value)}, not to a ${local(type.iri.value)}`,
      );
    this.#add(subject, term.iri, object);
  }

  /** How many different quads there are. */
  get size(): number {
    return this.#quads.size;
  }

  [Symbol.iterator](): Iterator<Quad> {
    return this.#quads.values();
  }

  #property(subject: NamedNode, name: string): PropertyTerm {
    const property = this.#vocabulary.property(name);
    const type = this.#classes.get(subject.value);
    if (!type || !property.domains.size) return property;
    if ([...property.domains].some((domain) => type.ancestors.has(domain))) return property;
    const owners = [...property.domains].map(local).join(' or ');
    throw mismatch(property, `belongs to a ${owners}, not to a ${local(type.iri.value)}`);
  }

  #add(subject: NamedNode, predicate: NamedNode, object: NamedNode | Literal): void {
    const quad = factory.quad(subject, predicate, object);
    this.#quads.set(JSON.stringify([subject.value, predicate.value, ...parts(object)]), quad);
  }
}

const local = (value: string) =>
  value.slice(Math.max(value.lastIndexOf('#'), value.lastIndexOf('/')) + 1);

const kebab = (name: string) =>
  local(name)
    .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
    .toLowerCase();

const identifierNeeds = (value: unknown) =>
  `needs a text that is not empty, not ${JSON.stringify(value)}; an example is "c-1"`;

/** What tells terms apart, whichever factory made them. */
const parts = (term: NamedNode | Literal) =>
  term.termType === 'Literal'
    ? [term.value, term.datatype.value, term.language, term.direction]
    : [term.value];

const mismatch = ({ iri }: PropertyTerm, why: string) =>
  new GraphwrightError('invalid_data', `Property ${local(iri.value)} ${why}`);
