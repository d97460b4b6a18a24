import { createHash } from 'node:crypto';

/** A UUID that is the same whenever it is made of the same words (RFC 9562, version 8). */
export function derivedUuid(...words: readonly (string | number)[]): string {
  const bytes = digest(words);
  bytes[6] = (bytes[6]! & 0x0f) | 0x80;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = bytes.toString('hex', 0, 16);
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** A number from 0 to 1, without 1, that is the same whenever it is made of the same words. */
export const derivedRandom = (...words: readonly (string | number)[]): number =>
  digest(words).readUIntBE(0, 6) / 2 ** 48;

const digest = (words: readonly (string | number)[]) =>
  createHash('sha256').update(JSON.stringify(words)).digest();
