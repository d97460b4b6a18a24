import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { GraphwrightError } from '../errors.ts';
import type { BulkPage } from '../ontology/embedded/bulk-page.ts';
import { formatNamed, formatOfFile, type FormatName } from '../ontology/formats/formats.ts';
import { parseRdf } from '../ontology/formats/parse-rdf.ts';
import { graphName, iri } from '../ontology/terms.ts';
import { interruption, type CommonFlags } from './common.ts';
import { say, withEmbedded } from './graph.ts';
import { loadProgress, type LoadProgress } from './load-progress.ts';

/** What `graphwright load` takes. */
export interface LoadFlags extends CommonFlags {
  graph?: string;
  format?: string;
  base?: string;
}

/** `graphwright load`: adds files to the graph in one commit, all of them or nothing. */
export async function load(flags: LoadFlags, paths: readonly string[]): Promise<void> {
  await withEmbedded(flags, async (store) => {
    const files = await Promise.all(paths.map((path) => describe(path, flags)));
    const signal = interruption();
    const sizes = files.map(({ size }) => size);
    const total = sizes.some((size) => size === undefined)
      ? undefined
      : sizes.reduce<number>((sum, size) => sum + size!, 0);
    const progress = loadProgress(flags, total);
    const commit = await store
      .load(pagesOf(files, progress, signal), { signal, onProgress: progress.statements })
      .catch((thrown: unknown) => {
        progress.fail();
        throw thrown;
      });
    const { position, inserted } = commit;
    const loaded = files.map(({ name, format, graph, read }) => ({
      file: name,
      format,
      graph,
      read,
    }));
    const statements = `${inserted.toLocaleString('en-US')} new statement${inserted === 1 ? '' : 's'}`;
    const words = `${statements} from ${files.map(({ name }) => name).join(', ')}`;
    progress.end(words);
    if (flags.json || !progress.shown) say(flags, { position, inserted, files: loaded }, words);
  });
}

/** A file to load, and what became of it. */
interface Source {
  name: string;
  /** Undefined stands for standard input. */
  path?: string;
  /** Bytes. */
  size?: number;
  base?: string;
  format?: FormatName;
  graph?: string;
  /** How many statements were read. */
  read: number;
}

async function describe(path: string, flags: LoadFlags): Promise<Source> {
  const format = flags.format === undefined ? undefined : formatNamed(flags.format);
  if (format && !format.readable)
    throw new GraphwrightError('invalid_parameters', `${format.name} is written, not read`);
  const common = {
    base: flags.base && iri(flags.base).value,
    graph: flags.graph && iri(flags.graph).value,
    read: 0,
  };
  if (path === '-') return { ...common, name: 'standard input', format: format?.name };
  const size = await sizeOf(path);
  return { ...common, name: path, path, size, format: format?.name ?? readable(path) };
}

const readable = (path: string): FormatName | undefined => {
  const name = formatOfFile(path);
  return name && formatNamed(name).readable ? name : undefined;
};

async function sizeOf(path: string): Promise<number> {
  const found = await stat(path).catch((cause: unknown) => {
    throw new GraphwrightError('not_found', `No file ${path}`, { cause });
  });
  if (found.isFile()) return found.size;
  throw new GraphwrightError('invalid_parameters', `${path} is not a file`);
}

async function* pagesOf(
  files: Source[],
  progress: LoadProgress,
  signal: AbortSignal,
): AsyncGenerator<BulkPage> {
  let before = 0;
  for (const file of files) {
    const { name, path, base, format } = file;
    const graph = (found: FormatName) => {
      file.format = found;
      file.graph ??= ownGraph(found, path);
      return file.graph;
    };
    const onBytes = (count: number) => progress.bytes(before + count);
    const bytes = path === undefined ? process.stdin : opened(path);
    for await (const page of parseRdf(bytes, { name, base, format, graph, signal, onBytes })) {
      file.read += page.count;
      yield page;
    }
    before += file.size ?? 0;
  }
}

async function* opened(path: string): AsyncGenerator<Uint8Array> {
  try {
    yield* createReadStream(path, { highWaterMark: 256 * 1024 }) as AsyncIterable<Buffer>;
  } catch (cause) {
    throw new GraphwrightError('unavailable', `The file ${path} cannot be read`, { cause });
  }
}

/** Triples go to a graph named after their file; quads say themselves where they belong. */
function ownGraph(format: FormatName, path: string | undefined): string | undefined {
  if (formatNamed(format).quads) return undefined;
  if (path === undefined)
    throw new GraphwrightError(
      'invalid_parameters',
      'Name the graph by --graph; standard input has no name to call it by',
    );
  return graphName(
    basename(path)
      .replace(/\.gz$/i, '')
      .replace(/\.[^.]+$/, ''),
  ).value;
}
