import { statementsOf } from './statement-text.ts';

const prefixes: readonly (readonly [string, string])[] = [
  ['rdf', 'http://www.w3.org/1999/02/22-rdf-syntax-ns#'],
  ['rdfs', 'http://www.w3.org/2000/01/rdf-schema#'],
  ['xsd', 'http://www.w3.org/2001/XMLSchema#'],
  ['owl', 'http://www.w3.org/2002/07/owl#'],
  ['prov', 'http://www.w3.org/ns/prov#'],
  ['schema', 'https://schema.org/'],
  ['gw', 'https://w3id.org/graphwright#'],
];

/** Writes Turtle, or TriG unless the graphs are merged; statements of one subject that come together stand together. */
export async function* turtle(pages: AsyncIterable<string>, merged: boolean) {
  yield prefixes.map(([name, base]) => `@prefix ${name}: <${base}> .\n`).join('');
  let before = { graph: '', subject: '' };
  for await (const page of pages) {
    let text = '';
    for (const { subject, predicate, object, graph: named } of statementsOf(page)) {
      const graph = merged ? '' : named;
      if (graph !== before.graph) {
        text += `${closing(before)}${graph && `\n${shortened(`<${graph}>`)} {\n`}`;
        before = { graph, subject: '' };
      }
      const statement = `${shortened(predicate)} ${shortened(object)}`;
      if (subject === before.subject) text += ` ;\n    ${statement}`;
      else text += `${before.subject && ' .\n'}${shortened(subject)} ${statement}`;
      before = { graph, subject };
    }
    yield text;
  }
  yield closing(before);
}

const closing = ({ graph, subject }: { graph: string; subject: string }): string =>
  `${subject && ' .\n'}${graph && '}\n'}`;

/** An IRI by its prefix, or a literal with its datatype's; whatever else stays as it is. */
function shortened(term: string): string {
  const start = term.startsWith('<') ? 0 : term.startsWith('"') ? term.lastIndexOf('"') + 3 : -1;
  if (start < 0 || term[start] !== '<' || term.startsWith('<<')) return term;
  const iri = term.slice(start + 1, -1);
  const known = prefixes.find(([, base]) => iri.startsWith(base));
  if (!known) return term;
  const [name, base] = known;
  const local = iri.slice(base.length);
  return /^[A-Za-z]\w*$/.test(local) ? `${term.slice(0, start)}${name}:${local}` : term;
}
