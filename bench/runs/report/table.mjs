import { markdown } from '../../shared/markdown.mjs';
import { short } from '../../shared/number.mjs';
import { levels, unfinished, waiting } from '../run/measure.mjs';
import { systems } from '../systems/list.mjs';
import { steps } from '../workflow.mjs';

/**
 * A file of results.
 * @typedef {object} Results
 * @property {string} at
 * @property {typeof import('../../shared/facts.mjs').machine} machine
 * @property {Record<string, string>} versions
 * @property {number[]} loads load average of one minute before each round, and after the last
 * @property {number} rounds
 * @property {Record<string, string>} failures by system
 * @property {Record<string, Record<string, Summary>>} systems by system and name
 */

/** @typedef {import('../../shared/statistics.mjs').Summary} Summary */

/** @param {number} factor @returns {(summary: Summary) => Summary} */
const times = (factor) => (summary) => ({
  ...summary,
  median: summary.median * factor,
  min: summary.min * factor,
  max: summary.max * factor,
});

const each = (/** @type {number} */ perSecond) => 1000 / perSecond / steps.length;

/** The time of one step, of a throughput with one run at once. @param {Summary} summary @returns {Summary} */
const stepTime = ({ median, min, max, calls }) => {
  return { median: each(median), min: each(max), max: each(min), calls };
};

const megabytes = times(1 / 1_000_000);
const seconds = times(1 / 1000);
const same = times(1);

/** @type {readonly { name: string, key: string, as: (summary: Summary) => Summary }[]} */
const measures = [
  ...levels.map((level) => ({
    name: `runs a second, ${level} at once`,
    key: `at ${level}`,
    as: same,
  })),
  { name: 'a step, 1 at once, ms', key: 'at 1', as: stepTime },
  { name: 'start, s', key: 'start', as: seconds },
  { name: `recovery of ${unfinished}, s`, key: 'recovery', as: seconds },
  { name: 'of which opened, s', key: 'recovery, opened', as: seconds },
  { name: 'memory at rest, MB', key: 'rest', as: megabytes },
  { name: `${waiting.toLocaleString('en')} wait, MB`, key: 'waiting', as: megabytes },
  { name: 'a minute later, MB', key: 'waiting, later', as: megabytes },
  { name: 'started again, MB', key: 'waiting, started again', as: megabytes },
];

/** Markdown: the median, smallest and largest value, and our median divided by it. @param {Results} results */
export function table(results) {
  const shown = systems.filter(({ module }) => results.systems[module]);
  const rows = measures.map(({ name, key, as }) => [
    name,
    ...shown.map(({ module, postgres }) => {
      const found = results.systems[module]?.[key];
      if (!found) return results.failures[module] ?? '–';
      const ours = results.systems[postgres ? 'cluster' : 'embedded']?.[key];
      const { median, min, max, calls } = as(found);
      const range = calls > 1 ? ` (${short(min)}–${short(max)})` : '';
      const ratio = ours ? ` ×${short(as(ours).median / median)}` : '';
      return `${short(median)}${range}${ratio}`;
    }),
  ]);
  const kept = ['kept in', ...shown.map(({ keeps }) => keeps)];
  return markdown([['', ...shown.map(({ label }) => label)], kept, ...rows]);
}
