import { markdown } from '../../shared/markdown.mjs';
import { short } from '../../shared/number.mjs';
import { paths } from '../paths/list.mjs';

/**
 * A file of results.
 * @typedef {object} Results
 * @property {string} at
 * @property {typeof import('../../shared/facts.mjs').machine} machine
 * @property {Record<string, string>} versions
 * @property {number[]} loads load average of one minute before each round, and after the last
 * @property {number} rounds
 * @property {Record<string, import('../../shared/statistics.mjs').Summary>} paths milliseconds of a call
 * @property {Record<string, { characters: number, tokens: number }>} lists of 100 tools
 */

/** The median, smallest and largest of the rounds' medians, and two ratios. @param {Results} results */
export function table({ paths: found, lists }) {
  const base = found['execute'];
  const rows = paths.flatMap(({ name, label, by, beside }) => {
    const one = found[name];
    if (!one) return [];
    const other = beside === undefined ? undefined : found[beside];
    const { median, min, max } = one;
    return [
      [
        by === 'ours' ? label : `${label} (by hand)`,
        `${short(median * 1000)} (${short(min * 1000)}–${short(max * 1000)})`,
        base ? short(median / base.median) : '',
        other ? short(median / other.median) : '',
      ],
    ];
  });
  const costs = Object.entries(lists).map(([name, { characters, tokens }]) => [
    name,
    characters.toLocaleString('en'),
    tokens.toLocaleString('en'),
  ]);
  return [
    markdown([['', 'a call, µs', ': execute', ': by hand'], ...rows]),
    markdown([['100 tools', 'characters', 'tokens'], ...costs]),
  ].join('\n\n');
}
