/**
 * A system under measurement, as its module's `open` gives it.
 * @typedef {object} System
 * @property {(session: string) => Promise<unknown>} begin Begins a conversation, which then waits for its first message.
 * @property {(session: string, text: string, id: string) => Promise<string>} say Sends a message, and resolves with
 * the reply once both are kept. `id` stands for the message, for systems that know such ids.
 * @property {() => Promise<unknown>} close
 */

/**
 * What it works with.
 * @typedef {object} Place
 * @property {string} directory an empty one, or its own of before
 * @property {string} url of its own database, where it needs a server
 */

/**
 * What is compared, in the order of the tables.
 * @typedef {object} Listed
 * @property {string} module
 * @property {string} label
 * @property {'SQLite' | 'Postgres' | 'Redis' | 'files' | 'memory'} keeps where a conversation is kept
 * @property {string} colour
 * @property {string} [ours] The system of ours that keeps conversations in the same place, for the ratio.
 */

/** @type {readonly Listed[]} */
export const systems = [
  {
    module: 'floor',
    label: 'bare state machine',
    keeps: 'SQLite',
    colour: '#7d8590',
    ours: 'sqlite',
  },
  { module: 'sqlite', label: 'Graphwright', keeps: 'SQLite', colour: '#2f81f7' },
  {
    module: 'langgraph-sqlite',
    label: 'LangGraph',
    keeps: 'SQLite',
    colour: '#e08a1e',
    ours: 'sqlite',
  },
  { module: 'mastra', label: 'Mastra', keeps: 'SQLite', colour: '#d2579b', ours: 'sqlite' },
  { module: 'postgres', label: 'Graphwright', keeps: 'Postgres', colour: '#17a2b8' },
  {
    module: 'langgraph-postgres',
    label: 'LangGraph',
    keeps: 'Postgres',
    colour: '#c9a227',
    ours: 'postgres',
  },
  { module: 'redis', label: 'Graphwright', keeps: 'Redis', colour: '#3a9d56' },
  { module: 'file', label: 'Graphwright', keeps: 'files', colour: '#6f5bd6' },
  { module: 'memory', label: 'Graphwright', keeps: 'memory', colour: '#8fb8f0' },
  {
    module: 'langgraph-memory',
    label: 'LangGraph',
    keeps: 'memory',
    colour: '#f0c38f',
    ours: 'memory',
  },
];
