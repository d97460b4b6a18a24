import sparqljs from 'sparqljs';
import { withPlace } from '../parse-place.ts';
import { GraphwrightError } from '../../errors.ts';
import { textOf } from '../query-text.ts';
import { scanUpdate } from '../scan.ts';
import type { Sparql } from '../sparql.ts';
import { iri, type NamedNode } from '../terms.ts';

/** A text that says itself what its relative IRIs are resolved against; the protocol has no field for it. */
export const withBase = (text: string, base: NamedNode | undefined): string =>
  base ? `BASE <${iri(base.value).value}>\n${text}` : text;

/**
 * An update's text, when it is SPARQL 1.1 Update without LOAD and SERVICE.
 * @throws GraphwrightError `forbidden` for these two, also when SILENT; `invalid_query` with the line.
 */
export function updateText(update: Sparql, base?: NamedNode): string {
  const text = textOf(update);
  scanUpdate(text);
  const request = parsed(text, base);
  if (request.type !== 'update')
    throw new GraphwrightError('invalid_query', 'A query changes nothing; this takes updates');
  if (request.updates.some((operation) => 'type' in operation && operation.type === 'load'))
    throw new GraphwrightError('forbidden', 'LOAD is not offered: the store opens no connection');
  return text;
}

function parsed(text: string, base?: NamedNode) {
  try {
    return new sparqljs.Parser({ baseIRI: base?.value }).parse(text);
  } catch (thrown) {
    const cause = withPlace(thrown, text);
    const said = cause instanceof Error ? cause.message : String(cause);
    const detail = said.length > 300 ? `${said.slice(0, 300)}…` : said;
    throw new GraphwrightError('invalid_query', `The SPARQL text is not valid: ${detail}`, {
      problems: [{ pointer: '', detail }],
      cause,
    });
  }
}
