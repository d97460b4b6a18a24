import { Writer } from 'n3';
import {
  factory,
  namespace,
  rdf,
  type Literal,
  type NamedNode,
  type Quad,
  type Term,
} from '../terms.ts';
import { pathText, type Path } from './path.ts';
import { literalParts, termOf } from './term-text.ts';
import type { Violation } from './violations.ts';

const sh = namespace('http://www.w3.org/ns/shacl#');

/** One result of a validation, as RDF/JS terms. */
export interface ValidationResult {
  focusNode: Term;
  /** A SPARQL property path; a single predicate is its bare IRI. */
  path?: string;
  value?: Term;
  severity: Term;
  /** The constraint component's IRI. */
  constraint: NamedNode;
  shape: Term;
  message: string;
}

/** A term as SPARQL 1.1 Query Results JSON writes it. */
export interface JsonTerm {
  type: 'uri' | 'bnode' | 'literal';
  value: string;
  datatype?: string;
  'xml:lang'?: string;
}

/** A report as JSON; what is no value or focus node is an IRI, or `_:` and a blank node's label. */
export interface JsonReport {
  conforms: boolean;
  results: {
    focusNode: JsonTerm;
    path?: string;
    value?: JsonTerm;
    severity: string;
    constraint: string;
    shape: string;
    message: string;
  }[];
}

/** What a validation found (SHACL, section 3.6). */
export class ValidationReport {
  readonly #violations: readonly Violation[];

  constructor(violations: readonly Violation[]) {
    this.#violations = violations;
  }

  /** Whether there is no result, of whatever severity. */
  get conforms(): boolean {
    return this.#violations.length === 0;
  }

  get results(): ValidationResult[] {
    return this.#violations.map(({ focus, path, value, severity, component, shape, messages }) => ({
      focusNode: termOf(focus),
      ...(path !== undefined && { path: pathText(path) }),
      ...(value !== undefined && { value: termOf(value) }),
      severity: termOf(severity),
      constraint: sh(`${component}ConstraintComponent`),
      shape: termOf(shape),
      message: literalParts(messages[0]!)!.value,
    }));
  }

  toJSON(): JsonReport {
    const results = this.results.map(
      ({ focusNode, path, value, severity, constraint, shape, message }) => ({
        focusNode: jsonTerm(focusNode),
        path,
        ...(value && { value: jsonTerm(value) }),
        severity: severity.value,
        constraint: constraint.value,
        shape: shape.termType === 'BlankNode' ? `_:${shape.value}` : shape.value,
        message,
      }),
    );
    return { conforms: this.conforms, results };
  }

  /** The report as a sh:ValidationReport; the nodes of the data and of the shapes keep their labels. */
  quads(): Quad[] {
    const report = factory.blankNode();
    const quads = [
      factory.quad(report, rdf('type'), sh('ValidationReport')),
      factory.quad(report, sh('conforms'), factory.literal(String(this.conforms), boolean)),
    ];
    for (const violation of this.#violations) {
      const result = factory.blankNode();
      quads.push(factory.quad(report, sh('result'), result), ...describe(violation, result));
    }
    return quads;
  }

  /** The report as Turtle. */
  toTurtle(): Promise<string> {
    const prefixes = { sh: sh('').value, xsd: boolean.value.replace('boolean', '') };
    const writer = new Writer({ format: 'Turtle', prefixes });
    writer.addQuads(this.quads());
    return new Promise((resolve, reject) => {
      writer.end((error, text: string) => (error ? reject(error) : resolve(text)));
    });
  }
}

const boolean = factory.namedNode('http://www.w3.org/2001/XMLSchema#boolean');

function describe(violation: Violation, result: Quad['subject']): Quad[] {
  const { focus, path, value, severity, component, shape, messages } = violation;
  const say = (name: string, object: Term) =>
    factory.quad(result, sh(name), object as Quad['object']);
  const described = path === undefined ? undefined : describePath(path);
  return [
    factory.quad(result, rdf('type'), sh('ValidationResult')),
    say('focusNode', termOf(focus)),
    ...(described ? [say('resultPath', described.node), ...described.quads] : []),
    ...(value === undefined ? [] : [say('value', termOf(value))]),
    say('resultSeverity', termOf(severity)),
    say('sourceConstraintComponent', sh(`${component}ConstraintComponent`)),
    say('sourceShape', termOf(shape)),
    ...messages.map((message) => say('resultMessage', termOf(message))),
  ];
}

interface DescribedPath {
  node: Quad['object'];
  quads: Quad[];
}

function describePath(path: Path): DescribedPath {
  if (typeof path === 'string') return { node: termOf(path) as NamedNode, quads: [] };
  if (path.kind === 'sequence') return list(path.paths.map(describePath));
  const node = factory.blankNode();
  const inner = 'paths' in path ? list(path.paths.map(describePath)) : describePath(path.path);
  const quad = factory.quad(node, sh(`${path.kind}Path`), inner.node);
  return { node, quads: [quad, ...inner.quads] };
}

function list(members: readonly DescribedPath[]): DescribedPath {
  return members.reduceRight<DescribedPath>(
    (rest, { node, quads }) => {
      const cell = factory.blankNode();
      const own = [
        factory.quad(cell, rdf('first'), node),
        factory.quad(cell, rdf('rest'), rest.node),
      ];
      return { node: cell, quads: [...own, ...quads, ...rest.quads] };
    },
    { node: rdf('nil'), quads: [] },
  );
}

const types: Partial<Record<Term['termType'], JsonTerm['type']>> = {
  NamedNode: 'uri',
  BlankNode: 'bnode',
};

function jsonTerm(term: Term): JsonTerm {
  const { termType, value } = term;
  const type = types[termType] ?? 'literal';
  if (termType !== 'Literal') return { type, value };
  const { language, datatype } = term as Literal;
  if (language) return { type, value, 'xml:lang': language };
  return datatype.value.endsWith('#string')
    ? { type, value }
    : { type, value, datatype: datatype.value };
}
