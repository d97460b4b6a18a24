import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { GraphwrightError } from '../errors.ts';
import { toCsv } from '../integrations/csv-writer.ts';
import { formatNamed, formatOfFile, type RdfFormat } from '../ontology/formats/formats.ts';
import { quadsIn } from '../ontology/formats/page-quads.ts';
import { writeRdf } from '../ontology/formats/write-rdf.ts';
import { iri, type Term } from '../ontology/terms.ts';
import { interruption, type CommonFlags } from './common.ts';
import { say, withEmbedded } from './graph.ts';

/** What `graphwright export` takes. */
export interface ExportFlags extends CommonFlags {
  graph?: string;
  format?: string;
  output?: string;
}

/** `graphwright export`: writes the graph in any format, literals as they were written. */
export async function exportGraph(flags: ExportFlags): Promise<void> {
  await withEmbedded(flags, async (store) => {
    const { name, quads } = formatOf(flags);
    const graph = flags.graph === undefined ? undefined : iri(flags.graph);
    if (!quads && !graph)
      throw new GraphwrightError(
        'invalid_parameters',
        `${name} holds one graph: name it by --graph, or use nquads, trig, jsonld or csv`,
      );
    const statements = { count: 0 };
    const pages = counted(store.export({ graph, signal: interruption() }), statements, flags);
    const text = Readable.from(name === 'csv' ? csv(pages) : writeRdf(pages, name));
    if (flags.output === undefined) return pipeline(text, process.stdout, { end: false });
    await pipeline(text, createWriteStream(flags.output)).catch((cause: Error) => {
      if (cause instanceof GraphwrightError) throw cause;
      throw new GraphwrightError('unavailable', `--output: ${cause.message}`, { cause });
    });
    const { output } = flags;
    const plural = statements.count === 1 ? '' : 's';
    const words = `${statements.count.toLocaleString('en-US')} statement${plural} exported to ${output}`;
    say(flags, { output, format: name, statements: statements.count }, words);
  });
}

function formatOf({ format, output }: ExportFlags): RdfFormat & ReturnType<typeof formatNamed> {
  return formatNamed(format ?? (output && formatOfFile(output)) ?? 'nquads');
}

/** Counts the statements, and says every ten seconds how many there are where standard output is free. */
async function* counted(
  pages: AsyncIterable<string>,
  statements: { count: number },
  { output, quiet, json }: ExportFlags,
): AsyncGenerator<string> {
  let next = performance.now() + 10_000;
  for await (const page of pages) {
    for (const line of page.split('\n')) if (line && !line.startsWith('#')) statements.count += 1;
    if (output && !quiet && !json && performance.now() > next) {
      next = performance.now() + 10_000;
      process.stdout.write(`Exporting ${statements.count.toLocaleString('en-US')} statements\n`);
    }
    yield page;
  }
}

/** Subject, predicate, object and graph as SPARQL's CSV results have them; what would run as a formula is made text. */
async function* csv(pages: AsyncIterable<string>): AsyncGenerator<string> {
  yield toCsv([['s', 'p', 'o', 'g']]);
  for await (const page of pages)
    yield toCsv(
      quadsIn(page).map(({ subject, predicate, object, graph }) =>
        [subject, predicate, object, graph].map(plain),
      ),
    );
}

const plain = (term: Term): string =>
  term.termType === 'BlankNode' ? `_:${term.value}` : term.value;
