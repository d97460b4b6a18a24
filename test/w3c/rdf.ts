import { readFileSync } from 'node:fs';
import { Store as QuadIndex } from 'n3';
import { parse } from 'oxigraph';
import { factory, type Quad, type Term } from '../../src/ontology/terms.ts';

const formats: Record<string, string> = {
  ttl: 'text/turtle',
  trig: 'application/trig',
  nt: 'application/n-triples',
  nq: 'application/n-quads',
  rdf: 'application/rdf+xml',
};

/** Where the suites stand on the web; a file's IRI is this and its path within the folder. */
export const base = 'https://w3c.github.io/rdf-tests/';

/** The folder of the suites, and the IRIs of the files in it. */
export class Files {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  text(iri: string): string {
    return readFileSync(`${this.#directory}/${iri.slice(base.length)}`, 'utf8');
  }

  quads(iri: string): Quad[] {
    return readQuads(this.text(iri), formats[extension(iri)]!, iri);
  }
}

export const extension = (iri: string): string => iri.slice(iri.lastIndexOf('.') + 1);

let texts = 0;

/** The quads of a text; its blank nodes are not those of any other. */
export function readQuads(text: string, format: string, baseIri: string = base): Quad[] {
  const mark = `t${(texts += 1)}`;
  return parse(text, { format, base_iri: baseIri }).map((quad) => plain(quad, mark) as Quad);
}

/** Oxigraph's terms live in its own memory; these are ordinary objects. */
function plain(term: Term, mark: string): Term {
  switch (term.termType) {
    case 'BlankNode':
      return factory.blankNode(mark + term.value);
    case 'Quad':
      return factory.quad(
        plain(term.subject, mark) as Quad['subject'],
        plain(term.predicate, mark) as Quad['predicate'],
        plain(term.object, mark) as Quad['object'],
        plain(term.graph, mark) as Quad['graph'],
      );
    case 'NamedNode':
      return factory.namedNode(term.value);
    case 'Literal':
      return factory.fromTerm(term);
    default:
      return term.termType === 'DefaultGraph' ? factory.defaultGraph() : term;
  }
}

/** A description to walk through: a manifest, or a table written as RDF. */
export class Description {
  readonly #index: QuadIndex;
  readonly #lists: Record<string, Term[]>;

  constructor(quads: readonly Quad[]) {
    this.#index = new QuadIndex([...quads]);
    // A test of SHACL has a list that is something else as well.
    this.#lists = this.#index.extractLists({ ignoreErrors: true });
  }

  all(subject: Term | undefined, predicate: Term): Term[] {
    if (!subject) return [];
    return this.#index
      .getObjects(subject as never, predicate as never, null)
      .flatMap((object) => this.#lists[object.value] ?? object);
  }

  one(subject: Term | undefined, predicate: Term): Term | undefined {
    return this.all(subject, predicate)[0];
  }

  text(subject: Term | undefined, predicate: Term): string | undefined {
    return this.one(subject, predicate)?.value;
  }

  subjects(predicate: Term, object: Term): Term[] {
    return this.#index.getSubjects(predicate as never, object as never, null);
  }
}
