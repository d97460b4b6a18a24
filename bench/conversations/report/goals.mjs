import { judged, ratio } from '../../shared/goals.mjs';

/** @type {readonly import('../../shared/goals.mjs').Goal[]} */
const wanted = [
  {
    what: 'a turn, SQLite : bare SQLite',
    most: 5,
    of: (median) => ratio(median('sqlite', 'turn'), median('floor', 'turn')),
  },
  {
    what: 'a turn, LangGraph on SQLite : ours on SQLite',
    least: 8,
    of: (median) => ratio(median('langgraph-sqlite', 'turn'), median('sqlite', 'turn')),
  },
  {
    what: 'SQLite, KiB a turn of a long conversation',
    most: 1.5,
    of: (median) => ratio(median('sqlite', 'bytes a turn'), 1024),
  },
  {
    what: 'SQLite, a late turn : an early one',
    most: 1.25,
    of: (median) => median('sqlite', 'late : early'),
  },
  {
    what: 'turns a second of many, ours : LangGraph, SQLite',
    least: 10,
    of: (median) =>
      ratio(median('sqlite', 'turns a second'), median('langgraph-sqlite', 'turns a second')),
  },
  {
    what: 'SQLite, ping meanwhile, p99, ms',
    most: 50,
    of: (median) => median('sqlite', 'ping p99'),
  },
  ...['sqlite', 'postgres', 'redis', 'file'].map((module) => ({
    what: `${module}, sessions with a turn lost or doubled by a kill`,
    most: 0,
    of: (/** @type {import('../../shared/goals.mjs').Found} */ median) => median(module, 'wrong'),
  })),
];

/** What is wanted, and whether it holds; of the sessions that lost or doubled a turn the most in any round. */
export function goals(/** @type {import('./table.mjs').Results} */ results) {
  /** @type {import('../../shared/goals.mjs').Found} */
  const found = (module, name) => {
    const summary = results.systems[module]?.[name];
    return name === 'wrong' ? summary?.max : summary?.median;
  };
  return judged(wanted, found);
}
