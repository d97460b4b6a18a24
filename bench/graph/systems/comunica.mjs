import { read } from './embedded.mjs';

/**
 * What any engine of the Comunica family answers.
 * @param {any} engine
 * @param {object} context
 */
export const comunica = (engine, context) => ({
  query: async (/** @type {string} */ text) =>
    (await engine.queryBindings(text, context)).toArray(),
  update: (/** @type {string} */ text) => engine.queryVoid(text, context),
  rows: (/** @type {any[]} */ answer) =>
    answer.map(
      (bindings) => new Map([...bindings].map(([{ value: name }, term]) => [name, read(term)])),
    ),
});
