/**
 * Every system by the name of its module, in the order of the tables.
 * @typedef {object} Listed
 * @property {string} module
 * @property {string} label
 * @property {string} acknowledged Where an update is when it is answered.
 * @property {number} memory Bytes a statement that it is expected to take, to plan which may run together.
 * @property {readonly string[]} [only] The kinds that it is asked, if not all.
 */

/** What all others are compared with. */
export const reference = 'oxigraph';

/** @type {readonly Listed[]} */
export const systems = [
  { module: 'oxigraph', label: 'Oxigraph', acknowledged: 'in memory', memory: 700 },
  { module: 'embedded', label: 'Graphwright', acknowledged: 'on disk', memory: 1500 },
  { module: 'served', label: 'Graphwright, HTTP', acknowledged: 'on disk', memory: 1500 },
  {
    module: 'embedded-in-memory',
    label: 'Graphwright, no directory',
    acknowledged: 'in memory',
    memory: 1700,
    only: ['insert', 'update'],
  },
  { module: 'n3', label: 'N3.Store + Comunica', acknowledged: 'in memory', memory: 1000 },
  {
    module: 'quadstore',
    label: 'quadstore + Comunica',
    acknowledged: 'written, not synced',
    memory: 700,
  },
  {
    module: 'virtuoso',
    label: 'Virtuoso 7, HTTP',
    acknowledged: 'written, not synced',
    memory: 300,
  },
];
