import { Writer } from 'n3';
import {
  factory,
  gw,
  owl,
  prov,
  rdf,
  rdfs,
  schema,
  xsd,
  type Quad,
} from '../../../ontology/terms.ts';

/** The namespaces that are shortened, by their usual prefixes. */
export const prefixes: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries({ gw, owl, prov, rdf, rdfs, schema, xsd }).map(([name, term]) => [
    name,
    term('').value,
  ]),
);

/** An IRI as SPARQL with the {@link prefixes} writes it: `gw:Customer`, or in angle brackets. */
export function compact(value: string): string {
  for (const [prefix, base] of Object.entries(prefixes))
    if (value.startsWith(base) && /^\w+$/.test(value.slice(base.length)))
      return `${prefix}:${value.slice(base.length)}`;
  return `<${value}>`;
}

/** Triples as Turtle, each once, whichever graphs say it. */
export function turtleOf(quads: readonly Quad[]): Promise<string> {
  const triples = quads.map(({ subject, predicate, object }) =>
    factory.quad(subject, predicate, object),
  );
  const writer = new Writer({ prefixes });
  writer.addQuads([...new Map(triples.map((triple) => [JSON.stringify(triple), triple])).values()]);
  return new Promise((resolve, reject) => {
    writer.end((error, text: string) => (error ? reject(error) : resolve(text)));
  });
}
