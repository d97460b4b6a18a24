import { comparable, measuredIn } from './results.mjs';

/**
 * Who answers otherwise than Oxigraph, so that a fast wrong answer is noticed: one line each.
 * @param {import('./results.mjs').Results} results
 */
export function disagreements(results) {
  const lines = [];
  for (const { name } of comparable)
    for (const { label, one, reference } of measuredIn(results)) {
      const [expected, found] = [reference?.answers[name], one.answers[name]];
      if (!expected || !found || same(expected, found)) continue;
      const counts = [found, expected].map((answers) => answers.map(({ rows }) => rows).join(', '));
      lines.push(`${label}: ${name} differs; rows ${counts[0]}, Oxigraph's ${counts[1]}`);
    }
  return lines;
}

const same = (/** @type {unknown} */ one, /** @type {unknown} */ other) =>
  JSON.stringify(one) === JSON.stringify(other);
