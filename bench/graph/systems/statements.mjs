import { createReadStream } from 'node:fs';
import { StreamParser } from 'n3';

/** The statements of a file of N-Triples, parsed as they are read. @param {string} file */
export const statements = (file) =>
  createReadStream(file).pipe(new StreamParser({ format: 'N-Triples' }));

/**
 * Pieces of a file of N-Triples that end with a line.
 * @param {string} file
 * @param {number} size bytes, about
 * @returns {AsyncGenerator<string>}
 */
export async function* pieces(file, size) {
  let rest = '';
  for await (const chunk of createReadStream(file, { encoding: 'utf8', highWaterMark: size })) {
    const text = rest + chunk;
    const end = text.lastIndexOf('\n') + 1;
    rest = text.slice(end);
    yield text.slice(0, end);
  }
  if (rest !== '') yield rest;
}

/**
 * Groups what a stream gives.
 * @template T
 * @param {AsyncIterable<T>} items
 * @param {number} size
 * @returns {AsyncGenerator<T[]>}
 */
export async function* batches(items, size) {
  let batch = [];
  for await (const item of items) {
    batch.push(item);
    if (batch.length < size) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}
