import { readFileSync } from 'node:fs';
import { Store } from 'n3';
import { GraphwrightError } from '../errors.ts';
import { suggest } from '../nearest.ts';
import { gw, iri, owl, rdf, rdfs, type NamedNode, type Quad, type Term } from './terms.ts';
import { parseTurtle } from './turtle.ts';

/** A class of a vocabulary. */
export interface ClassTerm {
  iri: NamedNode;
  label: string;
  comment: string;
  /** The IRIs of the class and of all its superclasses within the vocabulary. */
  ancestors: ReadonlySet<string>;
}

/** A property of a vocabulary. */
export interface PropertyTerm {
  iri: NamedNode;
  label: string;
  comment: string;
  kind: 'object' | 'datatype';
  /** A class or a datatype; absent when the vocabulary does not say. */
  range?: NamedNode;
  /** The classes whose instances may have it; none means any. */
  domains: ReadonlySet<string>;
}

/**
 * The classes and properties that data may use, read from OWL vocabularies.
 *
 * Terms are found by their full IRI, or by their local name: `lifetimeValue`. Where several terms have one
 * local name, it means the core vocabulary's.
 */
export class Vocabulary {
  readonly #classes = new Map<string, ClassTerm[]>();
  readonly #properties = new Map<string, PropertyTerm[]>();

  constructor(quads: Iterable<Quad>) {
    const store = new Store([...quads]);
    for (const term of subjects(store, owl('Class'))) add(this.#classes, readClass(store, term));
    for (const term of subjects(store, owl('DatatypeProperty')))
      add(this.#properties, readProperty(store, term, 'datatype'));
    for (const term of subjects(store, owl('ObjectProperty')))
      add(this.#properties, readProperty(store, term, 'object'));
  }

  /** Reads vocabularies from Turtle texts. */
  static fromTurtle(...texts: readonly string[]): Vocabulary {
    return new Vocabulary(
      texts.flatMap((text, index) => parseTurtle(text, `vocabulary ${index + 1}`, `b${index}-`)),
    );
  }

  /**
   * @throws GraphwrightError `invalid_data` naming the nearest class when there is none of this name, or
   * the classes when there are several.
   */
  class(name: string): ClassTerm {
    return find(this.#classes, name, 'class');
  }

  /**
   * @throws GraphwrightError `invalid_data` naming the nearest property when there is none of this name, or
   * the properties when there are several.
   */
  property(name: string): PropertyTerm {
    return find(this.#properties, name, 'property');
  }

  /** Every class, by IRI. */
  get classes(): ClassTerm[] {
    return [...new Set([...this.#classes.values()].flat())];
  }

  /** Every property, by IRI. */
  get properties(): PropertyTerm[] {
    return [...new Set([...this.#properties.values()].flat())];
  }
}

let core: Vocabulary | undefined;

/** The vocabulary of ontologies/core.ttl, read when it is first needed. */
export function coreVocabulary(): Vocabulary {
  const file = new URL('../../ontologies/core.ttl', import.meta.url);
  return (core ??= new Vocabulary(parseTurtle(readFileSync(file, 'utf8'), 'ontologies/core.ttl')));
}

const localName = (value: string) =>
  value.slice(Math.max(value.lastIndexOf('#'), value.lastIndexOf('/'), value.lastIndexOf(':')) + 1);

/** Enters a term by its IRI and its local name. */
function add<T extends { iri: NamedNode }>(terms: Map<string, T[]>, term: T): void {
  const { value } = term.iri;
  terms.set(value, [term]);
  terms.set(localName(value), [...(terms.get(localName(value)) ?? []), term]);
}

function find<T extends { iri: NamedNode }>(
  terms: Map<string, T[]>,
  name: string,
  kind: string,
): T {
  const found = terms.get(name) ?? [];
  const term =
    found.length === 1 ? found[0] : found.find(({ iri: { value } }) => value === coreIri(name));
  if (term) return term;
  throw found.length ? ambiguous(found, name, kind) : unknown(terms, name, kind);
}

const coreIri = (name: string) => gw('').value + name;

function ambiguous(found: readonly { iri: NamedNode }[], name: string, kind: string) {
  const iris = found.map(({ iri: { value } }) => value).join(' or ');
  return new GraphwrightError(
    'invalid_data',
    `More than one ${kind} is called ${name}; write ${iris}`,
  );
}

function unknown(terms: ReadonlyMap<string, unknown>, name: string, kind: string) {
  const names = [...terms.keys()].filter((key) => !key.includes(':'));
  const advice = suggest(localName(name), names);
  return new GraphwrightError('invalid_data', `Unknown ${kind} ${name}; ${advice}`);
}

const subjects = (store: Store, type: NamedNode) =>
  store
    .getSubjects(rdf('type'), type, null)
    .filter((term): term is NamedNode & typeof term => term.termType === 'NamedNode');

const text = (store: Store, term: Term, property: NamedNode) =>
  store.getObjects(iri(term.value), property, null)[0]?.value ?? '';

function readClass(store: Store, term: NamedNode): ClassTerm {
  const ancestors = new Set<string>();
  const climb = (value: string) => {
    if (ancestors.has(value)) return;
    ancestors.add(value);
    for (const parent of store.getObjects(iri(value), rdfs('subClassOf'), null))
      if (parent.termType === 'NamedNode') climb(parent.value);
  };
  climb(term.value);
  return {
    iri: iri(term.value),
    label: text(store, term, rdfs('label')),
    comment: text(store, term, rdfs('comment')),
    ancestors,
  };
}

function readProperty(store: Store, term: NamedNode, kind: PropertyTerm['kind']): PropertyTerm {
  const range = store.getObjects(term, rdfs('range'), null)[0];
  return {
    iri: iri(term.value),
    label: text(store, term, rdfs('label')),
    comment: text(store, term, rdfs('comment')),
    kind,
    ...(range?.termType === 'NamedNode' && { range: iri(range.value) }),
    domains: new Set(
      store.getObjects(term, rdfs('domain'), null).flatMap((domain) => members(store, domain)),
    ),
  };
}

/** A class by itself, or the classes of an owl:unionOf. */
function members(store: Store, domain: Term): string[] {
  if (domain.termType === 'NamedNode') return [domain.value];
  const [union] = store.getQuads(domain, owl('unionOf'), null, null);
  return union ? listItems(store, union.object) : [];
}

/** The items of an RDF list; one that bites its own tail ends there. */
function listItems(store: Store, list: Term): string[] {
  const items = new Map<string, string>();
  let node: Term | undefined = list;
  while (node && !node.equals(rdf('nil')) && !items.has(node.value)) {
    items.set(node.value, store.getQuads(node, rdf('first'), null, null)[0]?.object.value ?? '');
    node = store.getQuads(node, rdf('rest'), null, null)[0]?.object;
  }
  return [...items.values()];
}
