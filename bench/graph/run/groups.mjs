import { reference } from '../systems/list.mjs';

/**
 * Shares the systems out so that those which are up at the same time fit in memory. The reference is in every
 * group, as a ratio counts only within one run.
 * @param {readonly import('../systems/list.mjs').Listed[]} systems
 * @param {number} triples
 * @param {number} memory bytes
 */
export function groups(systems, triples, memory) {
  const head = systems.filter(({ module }) => module === reference);
  const weight = (/** @type {typeof systems} */ all) =>
    all.reduce((sum, system) => sum + system.memory * triples, 0);
  /** @type {(typeof head)[]} */
  const found = [];
  for (const system of systems.filter(({ module }) => module !== reference)) {
    const last = found.at(-1);
    if (last && weight([...last, system]) <= memory) last.push(system);
    else found.push([...head, system]);
  }
  return found.length > 0 ? found : [head];
}
