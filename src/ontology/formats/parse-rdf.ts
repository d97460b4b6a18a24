import { createGunzip } from 'node:zlib';
import { Readable } from 'node:stream';
import { GraphwrightError } from '../../errors.ts';
import type { BulkPage } from '../embedded/bulk-page.ts';
import type { ParseRequest } from '../embedded/parse-worker.ts';
import { Thread } from '../embedded/thread.ts';
import type { FormatName } from './formats.ts';
import type { ReadOptions } from './reader.ts';
import { sniffedBytes, sniffFormat } from './sniff.ts';

/** What is parsed, and within which limits. */
export interface ParseOptions extends Omit<ReadOptions, 'graph'> {
  /** Where statements go that name no graph, which may depend on the format; the default graph otherwise. */
  graph?: string | ((format: FormatName) => string | undefined);
  /** Told by the content when it is left out. */
  format?: FormatName;
  /** How many bytes there may be once unpacked; 64 GiB by default. */
  maxBytes?: number;
  signal?: AbortSignal;
  /** Told how many bytes have been read, as they came: packed ones if they came so. */
  onBytes?: (count: number) => void;
}

const bytesAtOnce = 256 * 1024;

/**
 * Parses a document of any readable format in a thread of its own, gzip taken off, and yields its
 * statements in pages as they are read. Blank nodes are the document's own.
 * @throws GraphwrightError `invalid_data` naming the document, line and column, `too_large`,
 * `forbidden` for a JSON-LD context that would have to be fetched, `cancelled`.
 */
export async function* parseRdf(
  source: AsyncIterable<Uint8Array>,
  { format: given, graph, maxBytes = 2 ** 36, signal, onBytes, ...options }: ParseOptions,
): AsyncGenerator<BulkPage> {
  const thread = new Thread('#parse-worker');
  const ask = <Value>(request: ParseRequest) => thread.callWithin<Value>(request, { signal });
  const bytes = limited(await unpacked(counted(source, onBytes), options.name), maxBytes, options);
  try {
    const { beginning, rest } = await peek(bytes, sniffedBytes);
    const format = given ?? sniffFormat(new TextDecoder().decode(beginning));
    const target = typeof graph === 'function' ? graph(format) : graph;
    await ask({ type: 'begin', format, options: { ...options, graph: target } });
    let answer: Promise<BulkPage[]> | undefined;
    for await (const some of gathered(rest)) {
      // The next bytes are read while these are parsed, but no further ahead.
      const done = await answer;
      answer = ask<BulkPage[]>({ type: 'bytes', bytes: some });
      answer.catch(() => undefined);
      if (done) yield* done;
    }
    if (answer) yield* await answer;
    yield* await ask<BulkPage[]>({ type: 'end' });
  } finally {
    await thread.end(new GraphwrightError('cancelled', 'The parsing was given up'));
  }
}

async function* counted(source: AsyncIterable<Uint8Array>, onBytes: ParseOptions['onBytes']) {
  let count = 0;
  for await (const chunk of source) {
    onBytes?.((count += chunk.length));
    yield chunk;
  }
}

/** Takes gzip off. */
async function unpacked(
  source: AsyncIterable<Uint8Array>,
  name: string,
): Promise<AsyncIterable<Uint8Array>> {
  const { beginning, rest } = await peek(source, 2);
  if (!isPacked(beginning)) return rest;
  return gunzipped(rest, name);
}

/** Whether a document is gzip, by its first two bytes. */
export const isPacked = ([first, second]: Uint8Array): boolean => first === 0x1f && second === 0x8b;

async function* gunzipped(source: AsyncIterable<Uint8Array>, name: string) {
  const packed = Readable.from(source, { objectMode: false });
  const gunzip = createGunzip();
  packed.on('error', (error) => gunzip.destroy(error));
  try {
    yield* packed.pipe(gunzip) as AsyncIterable<Uint8Array>;
  } catch (cause) {
    if (!(cause as NodeJS.ErrnoException).code?.startsWith('Z_')) throw cause;
    const said = `${name}: the gzip data is damaged or cut off: ${(cause as Error).message}`;
    throw new GraphwrightError('invalid_data', said, { cause });
  } finally {
    packed.destroy();
  }
}

async function* limited(
  source: AsyncIterable<Uint8Array>,
  most: number,
  { name }: ReadOptions,
): AsyncGenerator<Uint8Array> {
  let size = 0;
  for await (const chunk of source) {
    size += chunk.length;
    if (size > most) throw new GraphwrightError('too_large', `${name} has over ${most} bytes`);
    yield chunk;
  }
}

/** The first bytes, at least so many unless there are fewer, and all of them once more. */
export async function peek(source: AsyncIterable<Uint8Array>, least: number) {
  const iterator = source[Symbol.asyncIterator]();
  const chunks: Uint8Array[] = [];
  let size = 0;
  while (size < least) {
    const next = await iterator.next();
    if (next.done) break;
    chunks.push(next.value);
    size += next.value.length;
  }
  const rest = async function* () {
    yield* chunks;
    yield* { [Symbol.asyncIterator]: () => iterator };
  };
  return { beginning: Buffer.concat(chunks), rest: rest() };
}

/** Bytes in parts of a good size. */
async function* gathered(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of source) {
    chunks.push(chunk);
    size += chunk.length;
    if (size < bytesAtOnce) continue;
    yield Buffer.concat(chunks);
    chunks = [];
    size = 0;
  }
  if (size > 0) yield Buffer.concat(chunks);
}
