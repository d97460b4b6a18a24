/**
 * A system under measurement, as its module's `open` gives it.
 * @typedef {object} System
 * @property {(id: string) => Promise<unknown>} run Starts a run, and resolves when it has completed.
 * @property {(ids: readonly string[]) => Promise<unknown>} recover Resolves when the runs that an earlier process left
 * have completed.
 * @property {(count: number) => Promise<unknown>} [wait] Starts runs that wait for a signal; resolves when all wait.
 * @property {() => Promise<unknown>} close
 */

/**
 * What it works with.
 * @typedef {object} Place
 * @property {string} directory an empty one, or its own of before
 * @property {string} url of its own Postgres database
 * @property {import('../workflow.mjs').Step} step the body of every step
 */

/**
 * What is compared, in the order of the tables.
 * @typedef {object} Listed
 * @property {string} module
 * @property {string} label
 * @property {string} keeps where a run is kept
 * @property {string} colour
 * @property {boolean} [postgres] Whether it needs a database there.
 * @property {boolean} [waits] Whether many waiting runs are measured.
 * @property {boolean} [floor] Not a workflow engine: it cannot recover.
 */

/** @type {readonly Listed[]} */
export const systems = [
  { module: 'floor', label: 'bare commits', keeps: 'SQLite', colour: '#7d8590', floor: true },
  {
    module: 'embedded',
    label: 'Graphwright, embedded',
    keeps: 'SQLite',
    colour: '#2f81f7',
    waits: true,
  },
  { module: 'langgraph', label: 'LangGraph, SQLite saver', keeps: 'SQLite', colour: '#e08a1e' },
  { module: 'effect', label: 'Effect workflow', keeps: 'SQLite', colour: '#d2579b' },
  {
    module: 'cluster',
    label: 'Graphwright on DBOS',
    keeps: 'Postgres',
    colour: '#17a2b8',
    postgres: true,
  },
  { module: 'dbos', label: 'DBOS', keeps: 'Postgres', colour: '#3a9d56', postgres: true },
];
