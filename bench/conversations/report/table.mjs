import { markdown } from '../../shared/markdown.mjs';
import { short } from '../../shared/number.mjs';
import { systems } from '../systems/list.mjs';

/**
 * A file of results.
 * @typedef {object} Results
 * @property {string} at
 * @property {typeof import('../../shared/facts.mjs').machine} machine
 * @property {Record<string, string>} versions
 * @property {number[]} loads load average of one minute before each part, and after the last
 * @property {{ rounds: number, turns: number, sessions: number, milliseconds: number, killed: number }} options
 * @property {Record<string, string>} failures by system
 * @property {Record<string, Record<string, Summary>>} systems by system and name
 */

/** @typedef {import('../../shared/statistics.mjs').Summary} Summary */

/** What is measured, by row; of what has no ratio, the number alone says something. */
const measures = (/** @type {Results['options']} */ { turns, sessions, killed }) => [
  { name: `a turn, around turn ${turns / 8}, ms`, key: 'turn', ratio: true },
  { name: `a turn, after turn ${turns}, ms`, key: 'turn, late', ratio: true },
  { name: 'the late ones : the early ones', key: 'late : early' },
  { name: `bytes a turn, ${turns / 8} turns`, key: 'bytes a turn, early', ratio: true },
  { name: `bytes a turn, ${turns} turns`, key: 'bytes a turn', ratio: true },
  { name: `turns a second, ${sessions} sessions`, key: 'turns a second', ratio: true },
  { name: 'ping meanwhile, p50, ms', key: 'ping p50' },
  { name: 'ping meanwhile, p99, ms', key: 'ping p99' },
  { name: 'ping before, p99, ms', key: 'ping p99 before' },
  { name: 'thread held at most, CPU ms', key: 'held' },
  { name: `recovery of ${killed} sessions, ms`, key: 'recovery', ratio: true },
  { name: `of ${killed}, turns lost or doubled in`, key: 'wrong' },
];

/**
 * Markdown, a column for each system: the median, smallest and largest value, and after × the one of ours, kept in the
 * same place, divided by it.
 * @param {Results} results
 */
export function table(results) {
  const rows = measures(results.options);
  const shown = systems.filter(({ module }) => results.systems[module]);
  const cells = rows.map(({ name, key, ratio }) => [
    name,
    ...shown.map(({ module, ours }) => {
      const found = results.systems[module]?.[key];
      if (!found) return results.failures[module] ?? '–';
      const { median, min, max, calls } = found;
      const range = calls > 1 ? ` (${short(min)}–${short(max)})` : '';
      const own = ratio && ours && median > 0 && results.systems[ours]?.[key];
      return `${short(median)}${range}${own ? ` ×${short(own.median / median)}` : ''}`;
    }),
  ]);
  const kept = ['kept in', ...shown.map(({ keeps }) => keeps)];
  return markdown([['', ...shown.map(({ label }) => label)], kept, ...cells]);
}
