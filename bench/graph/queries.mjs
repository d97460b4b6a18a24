import { counts } from './shop/things.mjs';
import { base, graph, thing } from './shop/terms.mjs';

const prologue = `PREFIX : <${base}vocabulary#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
`;

/**
 * One kind of request. `text` makes the n-th request of its kind; all systems get the same ones in the same
 * order. Between two writes none is made twice, so that nothing is gained by keeping answers; the one kind
 * that is the same each time shows what that gains.
 * @typedef {object} Kind
 * @property {string} name
 * @property {'select' | 'update'} form
 * @property {boolean} [ordered] Whether the order of the answer's rows counts.
 * @property {number} calls How many at most are made a round; an update is made exactly as often.
 * @property {(number: number, target: Target) => string} text
 */

/**
 * What a text has to fit: the data's size, and whether the data is in a named graph.
 * @typedef {{ size: number, named: boolean }} Target
 */

/** The n-th thing of a kind to ask about, spread over all there are. */
const nth = (
  /** @type {string} */ kind,
  /** @type {number} */ number,
  /** @type {Target} */ to,
) => {
  const all = counts(to.size)[/** @type {'products'} */ (`${kind}s`)];
  return thing(kind, (number * 7919 + 13) % all);
};

/** @param {string} pattern @param {Target} target */
const inGraph = (pattern, { named }) => (named ? `GRAPH <${graph}> { ${pattern} }` : pattern);

/** @type {Kind[]} */
export const kinds = [
  select('point', 40, (n, to) => `SELECT ?p ?o { ${nth('product', n, to)} ?p ?o }`),
  select(
    'star',
    40,
    (n, to) => `SELECT ?product ?label ?width ?colour {
  ?product :feature ${nth('feature', n, to)} ; rdfs:label ?label ; :width ?width ; :colour ?colour
}`,
  ),
  select(
    '2 hops',
    40,
    (n, to) => `SELECT ?review ?product ?label {
  ?review :reviewer ${nth('person', n, to)} ; :reviewFor ?product . ?product rdfs:label ?label
}`,
  ),
  select(
    'optional',
    40,
    (n, to) => `SELECT ?review ?title ?quality ?value {
  ?review :reviewFor ${nth('product', n, to)} ; :title ?title
  OPTIONAL { ?review :quality ?quality } OPTIONAL { ?review :value ?value }
}`,
  ),
  select('path', 20, (n, to) => `SELECT ?type { ${nth('type', n, to)} rdfs:subClassOf+ ?type }`),
  select(
    'group by',
    3,
    (n) => `SELECT ?vendor (COUNT(?offer) AS ?offers) { ?offer :vendor ?vendor }
GROUP BY ?vendor HAVING (COUNT(?offer) > ${n % 200})`,
  ),
  select(
    'join + avg',
    3,
    (n) => `SELECT ?country (AVG(?price) AS ?mean) {
  ?vendor :country ?country . ?offer :vendor ?vendor ; :price ?price
} GROUP BY ?country HAVING (AVG(?price) > ${n % 2000})`,
  ),
  select(
    'regex',
    3,
    (n) => `SELECT ?product ?label {
  ?product a :Product ; rdfs:label ?label FILTER regex(?label, "^${'bdfgklmnprs'[n % 11]}[${'aeiou'[n % 5]}].*d$")
}`,
  ),
  {
    ...select(
      'order + limit',
      2,
      (n) => `SELECT ?offer ?price { ?offer :price ?price }
ORDER BY DESC(?price) ?offer LIMIT ${10 + (n % 100)}`,
    ),
    ordered: true,
  },
  select(
    'the same again',
    10,
    () => 'SELECT ?person (COUNT(?review) AS ?n) { ?review :reviewer ?person } GROUP BY ?person',
  ),
  {
    name: 'insert',
    form: 'update',
    calls: 10,
    text: (n, to) =>
      `${prologue}INSERT DATA { ${inGraph(`<${base}note/${n}> :note "note ${n}"`, to)} }`,
  },
  {
    name: 'update',
    form: 'update',
    calls: 10,
    text: (
      n,
      to,
    ) => `${prologue}${to.named ? `WITH <${graph}>\n` : ''}DELETE { ?offer :price ?price }
INSERT { ?offer :price ${n}.5 }
WHERE { ?offer :product ${nth('product', n, to)} ; :deliveryDays 7 ; :price ?price }`,
  },
];

/** Asked last: what the updates have left behind. */
export const check = select(
  'what the updates left',
  1,
  () => `SELECT ?notes ?sum {
  { SELECT (COUNT(?note) AS ?notes) { ?noted :note ?note } }
  { SELECT (SUM(?price) AS ?sum) { ?offer :price ?price } }
}`,
);

/**
 * @param {string} name
 * @param {number} calls
 * @param {(number: number, target: Target) => string} text
 * @returns {Kind}
 */
function select(name, calls, text) {
  return { name, form: 'select', calls, text: (n, to) => `${prologue}${text(n, to)}` };
}
