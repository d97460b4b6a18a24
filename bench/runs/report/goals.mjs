import { judged, ratio } from '../../shared/goals.mjs';
import { levels } from '../run/measure.mjs';

/** @type {readonly import('../../shared/goals.mjs').Goal[]} */
const wanted = [
  {
    what: 'embedded : LangGraph, 100 at once',
    least: 5,
    of: (median) => ratio(median('embedded', 'at 100'), median('langgraph', 'at 100')),
  },
  {
    what: 'embedded : Effect, 100 at once',
    least: 10,
    of: (median) => ratio(median('embedded', 'at 100'), median('effect', 'at 100')),
  },
  {
    what: 'bare commits : embedded, 1 at once',
    most: 3,
    of: (median) => ratio(median('floor', 'at 1'), median('embedded', 'at 1')),
  },
  {
    what: 'embedded, recovery from the start of the process, s',
    most: 1,
    of: (median) => ratio(median('embedded', 'recovery'), 1000),
  },
  {
    what: 'embedded, 10,000 waiting runs, a minute after their start, MB',
    most: 120,
    of: (median) => ratio(median('embedded', 'waiting, later'), 1_000_000),
  },
  {
    what: 'the same in the next process, MB',
    most: 120,
    of: (median) => ratio(median('embedded', 'waiting, started again'), 1_000_000),
  },
  ...levels.map((level) => ({
    what: `on DBOS : DBOS, ${level} at once`,
    least: 0.95,
    of: (/** @type {import('../../shared/goals.mjs').Found} */ median) =>
      ratio(median('cluster', `at ${level}`), median('dbos', `at ${level}`)),
  })),
];

/** What is wanted, and whether it holds, of the medians. @param {import('./table.mjs').Results} results */
export function goals(results) {
  const median = (/** @type {string} */ module, /** @type {string} */ key) =>
    results.systems[module]?.[key]?.median;
  return judged(wanted, median);
}
