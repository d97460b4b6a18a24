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

/** Those that shorten something; the others would only cost a model tokens. */
function prefixesIn(triples: readonly Quad[]): Record<string, string> {
  const used = triples.flatMap(({ subject, predicate, object }) =>
    [subject, predicate, object].flatMap((term) =>
      term.termType === 'Literal' ? [term.datatype.value] : [term.value],
    ),
  );
  return Object.fromEntries(
    Object.entries(prefixes).filter(([, base]) => used.some((value) => value.startsWith(base))),
  );
}

/** Triples as Turtle, each once, whichever graphs say it. */
export function turtleOf(quads: readonly Quad[]): Promise<string> {
  const triples = quads.map(({ subject, predicate, object }) =>
    factory.quad(subject, predicate, object),
  );
  const writer = new Writer({ prefixes: prefixesIn(triples) });
  writer.addQuads([...new Map(triples.map((triple) => [JSON.stringify(triple), triple])).values()]);
  return new Promise((resolve, reject) => {
    writer.end((error, text: string) => (error ? reject(error) : resolve(text)));
  });
}
