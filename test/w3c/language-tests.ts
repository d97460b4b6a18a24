import { GraphwrightError } from '../../src/errors.ts';
import { factory } from '../../src/ontology/terms.ts';
import { graphFiles, qt, ut, type Entry, type GraphFiles } from './manifest.ts';
import { extension, type Files } from './rdf.ts';
import { readResult, sameQuads, sameResult, type QueryResult } from './solutions.ts';
import { content, fill, type Subject, type Surface } from './surfaces.ts';

/** What a test needs; it throws to fail. */
export interface Trial {
  entry: Entry;
  files: Files;
  subject: Subject;
  surface: Surface;
}

const mediaTypes: Record<string, string> = {
  srj: 'application/sparql-results+json',
  srx: 'application/sparql-results+xml',
  csv: 'text/csv',
  tsv: 'text/tab-separated-values',
  ttl: 'text/turtle',
  nt: 'application/n-triples',
  rdf: 'application/rdf+xml',
};

/** The request with the IRI that its relative ones are resolved against. */
const resolved = (text: string, iri: string) => `BASE <${iri}> ${text}`;

export async function evaluateQuery({ entry, files, subject, surface }: Trial): Promise<void> {
  const { description, action, result, laxCardinality } = entry;
  const iri = description.text(action, qt('query'))!;
  const query = files.text(iri);
  await fill(subject, files, datasetOf(entry, query, iri));
  const file = result!.value;
  const format = mediaTypes[extension(file)]!;
  const isTable = format.includes('sparql-results') || ['csv', 'tsv'].includes(extension(file));
  const { mediaType, body } = await surface.query(resolved(query, iri), {
    results: isTable ? format : mediaTypes['srj']!,
    quads: 'text/turtle',
  });
  const expected = readResult(files.text(file), format, file);
  // Only the request tells whether a table without positions is a sequence.
  if (typeof expected === 'object' && 'rows' in expected)
    expected.ordered ??= /\border\s+by\b/i.test(outermost(query));
  const actual = readResult(body, mediaType, iri);
  if (!sameResult(actual, expected, laxCardinality))
    throw new Error(`expected ${show(expected)}, got ${show(actual)}`);
}

/** A query that names its graphs finds them in the files of these names. */
function datasetOf(entry: Entry, query: string, iri: string): GraphFiles {
  const given = graphFiles(entry, entry.action);
  if (given.default.length + given.named.length > 0) return given;
  const names = [...query.matchAll(/FROM\s+(?:NAMED\s+)?<([^>]*)>/gi)].map(
    ([, name]) => new URL(name!, iri).href,
  );
  return { default: [], named: [...new Set(names)].map((name) => ({ name, file: name })) };
}

const outermost = (query: string): string => query.slice(query.lastIndexOf('}'));

const show = (result: QueryResult): string =>
  JSON.stringify(
    typeof result === 'boolean' || Array.isArray(result)
      ? result
      : { ...result, rows: result.rows.map((row) => Object.fromEntries(row)) },
  ).slice(0, 600);

export async function evaluateUpdate({ entry, files, subject, surface }: Trial): Promise<void> {
  const { description, action, result } = entry;
  const iri = description.text(action, ut('request'))!;
  await fill(subject, files, graphFiles(entry, action));
  await surface.update(resolved(files.text(iri), iri));
  const actual = await content(subject);
  const expected = graphFiles(entry, result);
  const quads = [
    ...expected.default.flatMap((file) => files.quads(file)),
    ...expected.named.flatMap(({ name, file }) =>
      files
        .quads(file)
        .map(({ subject: s, predicate, object }) =>
          factory.quad(s, predicate, object, factory.namedNode(name)),
        ),
    ),
  ];
  if (!sameQuads(actual, quads)) throw new Error(`expected ${show(quads)}, got ${show(actual)}`);
}

/** Whether a text is taken or refused as SPARQL; on an empty graph, so that nothing else decides. */
export async function checkSyntax({ entry, files, subject, surface }: Trial): Promise<void> {
  const { type, action } = entry;
  const iri = action!.value;
  const text = resolved(files.text(iri), iri);
  await fill(subject, files, { default: [], named: [] });
  const refusal = await (
    type.includes('Update')
      ? surface.update(text)
      : surface.query(text, { results: mediaTypes['srj']!, quads: 'text/turtle' })
  ).then(
    () => undefined,
    (thrown: unknown) => GraphwrightError.from(thrown),
  );
  const understood = !refusal || isAboutContent(refusal);
  if (type.startsWith('Positive') && !understood) throw refusal;
  if (type.startsWith('Negative') && refusal?.code !== 'invalid_query')
    throw new Error(refusal ? `refused for something else: ${refusal.message}` : 'was taken');
}

/** Said only of a request that was parsed: its graphs are missing or there, or it loads a file. */
const isAboutContent = ({ code, message }: GraphwrightError): boolean =>
  code === 'not_found' ||
  code === 'conflict' ||
  (code === 'forbidden' && message.startsWith('LOAD'));
