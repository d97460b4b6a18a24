/** Where everything of the generated data lives. */
export const base = 'http://shop.example/';

/** The graph that the data is in, where a store has it in a named one. */
export const graph = `${base}graph`;

const xsd = 'http://www.w3.org/2001/XMLSchema#';

/** @param {string} kind @param {number} number */
export const thing = (kind, number) => `<${base}${kind}/${number}>`;

/** @param {string} name */
export const term = (name) => `<${base}vocabulary#${name}>`;

export const rdfType = '<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>';
export const label = '<http://www.w3.org/2000/01/rdf-schema#label>';
export const comment = '<http://www.w3.org/2000/01/rdf-schema#comment>';
export const subClassOf = '<http://www.w3.org/2000/01/rdf-schema#subClassOf>';

/** @param {string} value */
export const text = (value) => `"${value}"`;

/** @param {string} value */
export const english = (value) => `"${value}"@en`;

/** @param {number} value */
export const integer = (value) => `"${value}"^^<${xsd}integer>`;

/** @param {number} cents */
export const price = (cents) => `"${(cents / 100).toFixed(2)}"^^<${xsd}decimal>`;

/** Days after the first of January 2024. @param {number} days */
export const date = (days) =>
  `"${new Date(Date.UTC(2024, 0, 1 + days)).toISOString().slice(0, 10)}"^^<${xsd}date>`;
