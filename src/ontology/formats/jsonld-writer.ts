import { GraphwrightError } from '../../errors.ts';
import { rdf, xsd, type Literal, type Quad, type Term } from '../terms.ts';
import { quadsIn } from './page-quads.ts';

/**
 * Writes JSON-LD in expanded form: an array of the default graph's nodes and of the named graphs.
 * Every literal is a string with its type, so that no reader makes another number of it.
 * @throws GraphwrightError `invalid_data` for a triple term, which JSON-LD 1.1 cannot say.
 */
export async function* jsonLd(
  pages: AsyncIterable<string>,
  merged: boolean,
): AsyncGenerator<string> {
  let graph: string | undefined;
  let subject: Quad['subject'] | undefined;
  let properties = new Map<string, unknown[]>();
  let separator = '[\n';
  const node = (): string => {
    if (!subject) return '';
    const text = `${separator}${JSON.stringify({ '@id': id(subject), ...Object.fromEntries(properties) })}`;
    separator = ',\n';
    properties = new Map();
    subject = undefined;
    return text;
  };
  const enter = (name: string): string => {
    const end = node() + (graph ? '\n]}' : '');
    graph = name;
    const start = name ? `${separator}{"@id":${JSON.stringify(name)},"@graph":` : '';
    if (name) separator = '[\n';
    else if (end) separator = ',\n';
    return end + start;
  };
  for await (const page of pages) {
    let text = '';
    for (const quad of quadsIn(page)) {
      const name = merged ? '' : quad.graph.value;
      if (name !== (graph ?? '')) text += enter(name);
      if (subject && !subject.equals(quad.subject)) text += node();
      subject = quad.subject;
      const [key, value] = property(quad);
      const values = properties.get(key);
      if (values) values.push(value);
      else properties.set(key, [value]);
    }
    if (text) yield text;
  }
  const rest = node() + (graph ? '\n]}' : '');
  yield `${rest}${rest || separator !== '[\n' ? '\n]\n' : '[]\n'}`;
}

function property({ predicate, object }: Quad): [string, unknown] {
  if (predicate.equals(rdf('type')) && object.termType !== 'Literal') return ['@type', id(object)];
  return [predicate.value, object.termType === 'Literal' ? literal(object) : { '@id': id(object) }];
}

function id(term: Term): string {
  if (term.termType === 'NamedNode') return term.value;
  if (term.termType === 'BlankNode') return `_:${term.value}`;
  throw new GraphwrightError(
    'invalid_data',
    `JSON-LD cannot say a ${term.termType}; export TriG or N-Quads`,
  );
}

function literal({
  value,
  language,
  datatype,
  direction,
}: Literal & { direction?: string | null }) {
  if (language)
    return {
      '@value': value,
      '@language': language,
      ...(direction && { '@direction': direction }),
    };
  return datatype.equals(xsd('string'))
    ? { '@value': value }
    : { '@value': value, '@type': datatype.value };
}
