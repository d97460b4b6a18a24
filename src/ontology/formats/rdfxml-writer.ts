import { GraphwrightError } from '../../errors.ts';
import { xsd, type Literal, type Quad } from '../terms.ts';
import { escapeXml } from './escape-xml.ts';
import { quadsIn } from './page-quads.ts';

const namespace = 'http://www.w3.org/1999/02/22-rdf-syntax-ns#';

/**
 * Writes RDF/XML, with the names of graphs left out.
 * @throws GraphwrightError `invalid_data` for what it cannot say: a property whose IRI ends in no XML
 * name, a control character, a triple term or a direction.
 */
export async function* rdfXml(pages: AsyncIterable<string>): AsyncGenerator<string> {
  yield `<?xml version="1.0" encoding="UTF-8"?>\n<rdf:RDF xmlns:rdf="${namespace}">\n`;
  let subject: Quad['subject'] | undefined;
  for await (const page of pages) {
    let text = '';
    for (const quad of quadsIn(page)) {
      if (!subject?.equals(quad.subject)) {
        text += `${subject ? '</rdf:Description>\n' : ''}<rdf:Description ${nodeOf(quad.subject, 'about')}>\n`;
        subject = quad.subject;
      }
      text += `  ${element(quad)}\n`;
    }
    yield text;
  }
  yield `${subject ? '</rdf:Description>\n' : ''}</rdf:RDF>\n`;
}

/** Where a name begins that an element can have: behind the last character that none may hold. */
const local = /[\p{L}_][\p{L}\p{N}_.-]*$/u;

function element({ predicate, object }: Quad): string {
  const name = local.exec(predicate.value)?.[0];
  const base = name && predicate.value.slice(0, -name.length);
  if (!base) throw cannot(`the property <${predicate.value}>, which ends in no XML name`);
  const own = base === namespace;
  const tag = own ? `rdf:${name}` : `p:${name}`;
  const opening = own ? tag : `${tag} xmlns:p="${escaped(base)}"`;
  if (object.termType !== 'Literal') return `<${opening} ${nodeOf(object, 'resource')}/>`;
  return `<${opening}${typeOf(object)}>${escaped(object.value)}</${tag}>`;
}

function nodeOf(term: Quad['subject'] | Quad['object'], iri: 'about' | 'resource'): string {
  if (term.termType === 'NamedNode') return `rdf:${iri}="${escaped(term.value)}"`;
  if (term.termType !== 'BlankNode') throw cannot(`a ${term.termType}`);
  if (!/^[\p{L}_][\p{L}\p{N}_.-]*$/u.test(term.value)) throw cannot(`the label _:${term.value}`);
  return `rdf:nodeID="${term.value}"`;
}

function typeOf({
  language,
  datatype,
  direction,
}: Literal & { direction?: string | null }): string {
  if (direction) throw cannot('the direction of a text');
  if (language) return ` xml:lang="${language}"`;
  return datatype.equals(xsd('string')) ? '' : ` rdf:datatype="${escaped(datatype.value)}"`;
}

function escaped(text: string): string {
  // oxlint-disable-next-line no-control-regex -- those are what XML 1.0 cannot hold
  if (/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/.test(text))
    throw cannot('a control character within a text');
  return escapeXml(text);
}

const cannot = (what: string): GraphwrightError =>
  new GraphwrightError('invalid_data', `RDF/XML cannot say ${what}; export Turtle or N-Triples`);
