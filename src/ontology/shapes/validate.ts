import { sparql, sparqlText, type Sparql } from '../sparql.ts';
import type { OntologyStore } from '../store.ts';
import { factory, type Quad } from '../terms.ts';
import { QuadsGraph } from './data-graph.ts';
import { readsOf } from './reads.ts';
import { ValidationReport } from './report.ts';
import type { Shapes } from './shape.ts';
import { violations, type Violation } from './violations.ts';

/** What may be said of one validation. */
export interface ValidateOptions {
  signal?: AbortSignal;
  /** Milliseconds until it is ended with `timeout`; the store's own limit by default. */
  timeout?: number;
}

/** A store that checks its graphs where they are. */
export interface ValidatingStore extends OntologyStore {
  /** Everything that is wrong with the graphs taken together; literals as they were written. */
  violations(shapes: Shapes, options?: ValidateOptions): Promise<Violation[]>;
}

/**
 * Validates data against SHACL Core shapes: quads as one graph, or all graphs of a store taken together.
 *
 * An embedded store does it in a reader's thread, on literals as they were written. Of another one the
 * statements that the shapes read are fetched, and literals are as its answers have them.
 * @example
 * const report = await validate(store, parseShapes(quads));
 * if (!report.conforms) console.log(await report.toTurtle());
 * @throws GraphwrightError `timeout`, `cancelled` and what else a store's reads reject with.
 */
export async function validate(
  data: OntologyStore | Iterable<Quad>,
  shapes: Shapes,
  options: ValidateOptions = {},
): Promise<ValidationReport> {
  if (Symbol.iterator in data)
    return new ValidationReport(violations(new QuadsGraph(data), shapes));
  if (isValidating(data)) return new ValidationReport(await data.violations(shapes, options));
  const quads = await data.construct(needed(shapes), options);
  return new ValidationReport(violations(new QuadsGraph(quads), shapes));
}

const isValidating = (store: OntologyStore): store is ValidatingStore => 'violations' in store;

/** What the shapes may read: everything, where one of them is closed. */
function needed(shapes: Shapes): Sparql {
  const { predicates, everything } = readsOf(shapes);
  if (everything) return sparql`CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }`;
  const values = predicates
    .map((text) => factory.namedNode(text.slice(1, -1)))
    .reduce((all, each) => sparql`${all} ${each}`, sparqlText(''));
  return sparql`CONSTRUCT { ?s ?p ?o } WHERE { VALUES ?p { ${values} } ?s ?p ?o }`;
}
