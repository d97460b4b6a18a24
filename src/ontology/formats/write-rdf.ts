import type { FormatName } from './formats.ts';
import { jsonLd } from './jsonld-writer.ts';
import { rdfXml } from './rdfxml-writer.ts';
import { statementsOf } from './statement-text.ts';
import { turtle } from './turtle-writer.ts';

/** What may be said of one {@link writeRdf}. */
export interface WriteRdfOptions {
  /**
   * Leaves the graphs' names out, as a document that is one graph has no place for them; formats that
   * can hold several write their statements into the default graph.
   */
  merged?: boolean;
}

/**
 * Writes statements in a format, page by page: literals, language tags and blank nodes' labels as they
 * are in the pages.
 * @param pages N-Quads, a statement a line, as a store's `export()` yields them.
 * @throws GraphwrightError `invalid_data` for what RDF/XML or JSON-LD cannot say.
 */
export function writeRdf(
  pages: AsyncIterable<string>,
  format: Exclude<FormatName, 'csv'>,
  { merged = false }: WriteRdfOptions = {},
): AsyncGenerator<string> {
  switch (format) {
    case 'nquads':
      return merged ? triples(pages) : asTheyAre(pages);
    case 'ntriples':
      return triples(pages);
    case 'turtle':
      return turtle(pages, true);
    case 'trig':
      return turtle(pages, merged);
    case 'rdfxml':
      return rdfXml(pages);
    case 'jsonld':
      return jsonLd(pages, merged);
  }
}

async function* asTheyAre(pages: AsyncIterable<string>) {
  yield* pages;
}

async function* triples(pages: AsyncIterable<string>): AsyncGenerator<string> {
  for await (const page of pages) {
    let text = '';
    for (const { subject, predicate, object } of statementsOf(page))
      text += `${subject} ${predicate} ${object} .\n`;
    yield text;
  }
}
