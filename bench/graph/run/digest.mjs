import { createHash } from 'node:crypto';

const numeric =
  /XMLSchema#(integer|decimal|double|float|(non)?(Negative|Positive)Integer|int|long)$/i;

/**
 * What is compared of an answer: how many rows, and a digest of them, in which numbers count by their value to
 * nine digits.
 * @param {readonly import('../systems/system.mjs').Row[]} rows
 * @param {boolean} ordered Whether the order of the rows counts.
 */
export function digest(rows, ordered) {
  const lines = rows.map((row) =>
    [...row]
      .map(([name, term]) => `${name}=${canonical(term)}`)
      .toSorted()
      .join('\t'),
  );
  const text = (ordered ? lines : lines.toSorted()).join('\n');
  return {
    rows: rows.length,
    digest: createHash('sha256').update(text).digest('hex').slice(0, 16),
  };
}

/** @param {import('../systems/system.mjs').Term} term */
const canonical = ({ value, datatype = '', language = '' }) =>
  numeric.test(datatype)
    ? String(Number(Number(value).toPrecision(9)))
    : JSON.stringify([value, language.toLowerCase()]);
