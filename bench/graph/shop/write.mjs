import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { shop } from './things.mjs';

/**
 * Writes the generated shop as N-Triples, holding no more than a mebibyte of it.
 * @param {string} path
 * @param {number} triples about how many statements are wanted
 * @returns {Promise<number>} how many were written
 */
export async function writeShop(path, triples) {
  const file = createWriteStream(path);
  let written = 0;
  let waiting = '';
  for (const lines of shop(triples)) {
    written += lines.length;
    waiting += `${lines.join('\n')}\n`;
    if (waiting.length < 2 ** 20) continue;
    if (!file.write(waiting)) await once(file, 'drain');
    waiting = '';
  }
  file.end(waiting);
  await finished(file);
  return written;
}
