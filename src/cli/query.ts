import { GraphwrightError } from '../errors.ts';
import { toCsv } from '../integrations/csv-writer.ts';
import { suggest } from '../nearest.ts';
import { sparqlText } from '../ontology/sparql.ts';
import type { AnswerFormats, OntologyStore } from '../ontology/store.ts';
import {
  conclude,
  configurationOf,
  interruption,
  readStdin,
  readText,
  type CommonFlags,
} from './common.ts';
import { openGraph } from '../server/open-graph.ts';
import { table } from './table.ts';

/** What `query` and `update` take their text from. */
export interface TextFlags extends CommonFlags {
  file?: string;
}

/** `graphwright query`: asks the graph, and shows a table to people and JSON to programs. */
export async function query(flags: TextFlags & { format?: string }, text?: string): Promise<void> {
  const format = flags.format ?? (flags.json || !process.stdout.isTTY ? 'json' : 'table');
  await withStore(flags, text, async (store, sparql) => {
    process.stdout.write(await answer(store, sparql, format));
  });
}

/** Opens the configured graph for one text, and closes it again. */
export async function withStore(
  flags: TextFlags,
  text: string | undefined,
  action: (store: OntologyStore, text: string) => Promise<void>,
): Promise<void> {
  await conclude(flags, async () => {
    const configuration = configurationOf(flags);
    const words = text ?? (flags.file ? await readText(flags.file) : await readStdin());
    const { store, close } = await openGraph(configuration);
    try {
      await action(store, words);
    } finally {
      await close();
    }
  });
}

const json = 'application/sparql-results+json';

const formats = new Map<string, AnswerFormats>(
  Object.entries({
    table: { results: json, quads: 'text/turtle' },
    json: { results: json, quads: 'application/ld+json' },
    csv: { results: json, quads: 'application/n-triples' },
    tsv: { results: 'text/tab-separated-values', quads: 'application/n-triples' },
    xml: { results: 'application/sparql-results+xml', quads: 'application/rdf+xml' },
    turtle: { results: json, quads: 'text/turtle' },
    ntriples: { results: json, quads: 'application/n-triples' },
  }),
);

async function answer(store: OntologyStore, text: string, format: string): Promise<string> {
  const media = formats.get(format);
  if (!media)
    throw new GraphwrightError(
      'invalid_parameters',
      `Unknown format ${format}; ${suggest(format, [...formats.keys()])}`,
    );
  const { kind, body } = await store.query(sparqlText(text), media, { signal: interruption() });
  const written = Buffer.from(body).toString('utf8');
  const forPeople = format === 'table' || format === 'csv';
  if (kind === 'boolean' && forPeople) return `${(JSON.parse(written) as Truth).boolean}\n`;
  if (kind !== 'bindings' || !forPeople) return written.endsWith('\n') ? written : `${written}\n`;
  const { head, rows } = cells(written);
  return format === 'csv'
    ? toCsv([head, ...rows])
    : `${table(
        head,
        rows.map((row) => row.map((value) => plain(shorten(value)))),
      )}\n`;
}

/** SPARQL 1.1 Query Results JSON of an ASK. */
interface Truth {
  boolean: boolean;
}

/** SPARQL 1.1 Query Results JSON, as far as a table shows it. */
interface Bindings {
  head: { vars: string[] };
  results: { bindings: Record<string, { value: string }>[] };
}

function cells(written: string): { head: string[]; rows: string[][] } {
  const { head, results } = JSON.parse(written) as Bindings;
  const rows = results.bindings.map((row) => head.vars.map((name) => row[name]?.value ?? ''));
  return { head: head.vars, rows };
}

const prefixes: Record<string, string> = {
  'gw:': 'https://w3id.org/graphwright#',
  'rdf:': 'http://www.w3.org/1999/02/22-rdf-syntax-ns#',
  'rdfs:': 'http://www.w3.org/2000/01/rdf-schema#',
  'schema:': 'https://schema.org/',
  'prov:': 'http://www.w3.org/ns/prov#',
};

/** A terminal obeys control characters, and what customers write may hold them. */
const plain = (value: string): string => value.replaceAll(/\p{Cc}+/gu, ' ');

/** An IRI of a known vocabulary by its prefix, for reading only. */
function shorten(value: string): string {
  const known = Object.entries(prefixes).find(([, base]) => value.startsWith(base));
  return known ? known[0] + value.slice(known[1].length) : value;
}
