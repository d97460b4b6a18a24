import { check, kinds } from '../queries.mjs';
import { systems } from '../systems/list.mjs';

/**
 * A file of results.
 * @typedef {object} Results
 * @property {string} size
 * @property {number} triples
 * @property {string} at
 * @property {typeof import('../../shared/facts.mjs').machine} machine
 * @property {Record<string, string>} versions
 * @property {number} loadAverage of the 15 minutes before the end
 * @property {number} rounds
 * @property {Measured[]} references Oxigraph, as measured in each group.
 * @property {Record<string, Measured & { group: number }>} systems
 */

/** @typedef {import('../run/run-group.mjs').Measured} Measured */

/**
 * One line of the tables: how to find its number, and in which unit.
 * @typedef {object} Measure
 * @property {string} name
 * @property {'ms' | 's' | 'MB'} unit
 * @property {string} key what its failure is filed under
 * @property {(one: Measured) => import('../../shared/statistics.mjs').Summary | undefined} of
 */

const alone = (/** @type {number | undefined} */ value, /** @type {number} */ divisor) => {
  if (value === undefined) return undefined;
  const number = value / divisor;
  return { median: number, min: number, max: number, calls: 1 };
};

/** @param {import('../../shared/statistics.mjs').Summary | undefined} times */
const inSeconds = (times) =>
  times && { ...times, median: times.median / 1000, min: times.min / 1000, max: times.max / 1000 };

/** @type {readonly Measure[]} */
export const measures = [
  { name: 'load', unit: 's', key: 'load', of: ({ load }) => inSeconds(load) },
  { name: 'start', unit: 's', key: 'start', of: ({ start }) => inSeconds(start) },
  { name: 'memory', unit: 'MB', key: 'load', of: ({ memory }) => alone(memory, 2 ** 20) },
  {
    name: 'memory after a start',
    unit: 'MB',
    key: 'start',
    of: ({ memoryAfterStart }) => alone(memoryAfterStart, 2 ** 20),
  },
  ...kinds.map(
    ({ name }) =>
      /** @type {Measure} */ ({ name, unit: 'ms', key: name, of: (one) => one.kinds[name] }),
  ),
];

/** The systems that were measured, in the order of the list. @param {Results} results */
export const measuredIn = (results) =>
  systems.flatMap((system) => {
    const one = results.systems[system.module];
    return one ? [{ ...system, one, reference: results.references[one.group] }] : [];
  });

export const comparable = [...kinds.filter(({ form }) => form === 'select'), check];
