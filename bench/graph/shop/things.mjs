import { random } from './random.mjs';
import * as t from './terms.mjs';
import { countries, words } from './words.mjs';

const triplesOfProduct = 292;
const typesBranch = 4;

/**
 * How many things of each kind there are. Everything grows with the number of products, so that a selective
 * question has an answer of the same length at every size.
 * @param {number} triples about how many statements are wanted
 */
export function counts(triples) {
  const products = Math.max(20, Math.round(triples / triplesOfProduct));
  const types = Math.max(5, Math.round(products / 15));
  return {
    products,
    types,
    features: types * 15,
    producers: Math.ceil(products / 40),
    vendors: Math.ceil(products / 30),
    persons: Math.ceil(products / 2),
    offers: products * 20,
    reviews: products * 10,
  };
}

/**
 * A web shop in the manner of the Berlin SPARQL Benchmark: the things it holds one by one, each as the lines
 * of N-Triples that describe it. The same number always gives the same lines.
 * @param {number} triples
 * @returns {Generator<string[]>}
 */
export function* shop(triples) {
  const r = random(20_261_121);
  const n = counts(triples);
  for (let number = 0; number < n.types; number += 1) yield describeType(r, number);
  for (let number = 0; number < n.features; number += 1)
    yield describe(t.thing('feature', number), [
      [t.rdfType, t.term('Feature')],
      [t.label, t.text(words(r, 2))],
    ]);
  for (const kind of ['producer', 'vendor'])
    for (let number = 0; number < n[`${kind}s`]; number += 1)
      yield describeCompany(r, kind, number);
  for (let number = 0; number < n.persons; number += 1) yield describePerson(r, number);
  for (let number = 0; number < n.products; number += 1) {
    yield describeProduct(r, number, n);
    for (let of = 0; of < 20; of += 1) yield describeOffer(r, number * 20 + of, number, n);
    for (let of = 0; of < 10; of += 1) yield describeReview(r, number * 10 + of, number, n);
  }
}

/** @typedef {[predicate: string, object: string]} Pair */

/** @param {string} subject @param {Pair[]} pairs */
const describe = (subject, pairs) =>
  pairs.map(([predicate, object]) => `${subject} ${predicate} ${object} .`);

/** The types are a tree: the parent of the n-th is the one before its group of four. */
function describeType(r, number) {
  const parent = Math.floor((number - 1) / typesBranch);
  return describe(t.thing('type', number), [
    [t.rdfType, t.term('ProductType')],
    [t.label, t.text(words(r, 2))],
    ...(number > 0 ? [/** @type {Pair} */ ([t.subClassOf, t.thing('type', parent)])] : []),
  ]);
}

function describeCompany(r, kind, number) {
  return describe(t.thing(kind, number), [
    [t.rdfType, t.term(kind === 'vendor' ? 'Vendor' : 'Producer')],
    [t.label, t.text(words(r, 2))],
    [t.comment, t.text(words(r, 25))],
    [t.term('country'), t.text(r.pick(countries))],
    [t.term('homepage'), `<http://${kind}-${number}.example/>`],
  ]);
}

function describePerson(r, number) {
  return describe(t.thing('person', number), [
    [t.rdfType, t.term('Person')],
    [t.label, t.text(words(r, 2))],
    [t.term('mailbox'), t.text(`person-${number}@mail.example`)],
    [t.term('country'), t.text(r.pick(countries))],
  ]);
}

function describeProduct(r, number, n) {
  const type = r.integer(0, n.types - 1);
  const features = new Set();
  // Features belong to a type, so that products of one type share some.
  for (let of = r.integer(8, 16); of > 0; of -= 1) features.add(type * 15 + r.integer(0, 14));
  return describe(t.thing('product', number), [
    [t.rdfType, t.term('Product')],
    [t.term('type'), t.thing('type', type)],
    [t.label, t.text(words(r, 3))],
    [t.comment, t.text(words(r, 40))],
    [t.term('producer'), t.thing('producer', r.integer(0, n.producers - 1))],
    .../** @type {Pair[]} */ (
      [...features].map((feature) => [t.term('feature'), t.thing('feature', feature)])
    ),
    [t.term('width'), t.integer(r.integer(1, 2000))],
    [t.term('height'), t.integer(r.integer(1, 2000))],
    [t.term('weight'), t.integer(r.integer(1, 2000))],
    [t.term('colour'), t.text(words(r, 1))],
    [t.term('material'), t.text(words(r, 1))],
    [t.term('published'), t.date(r.integer(0, 600))],
  ]);
}

function describeOffer(r, number, product, n) {
  const from = r.integer(0, 600);
  return describe(t.thing('offer', number), [
    [t.rdfType, t.term('Offer')],
    [t.term('product'), t.thing('product', product)],
    [t.term('vendor'), t.thing('vendor', r.integer(0, n.vendors - 1))],
    [t.term('price'), t.price(r.integer(500, 1_000_000))],
    [t.term('validFrom'), t.date(from)],
    [t.term('validTo'), t.date(from + r.integer(10, 90))],
    [t.term('deliveryDays'), t.integer(r.integer(1, 21))],
    [t.term('webpage'), `<${t.base}page/${number}>`],
    [t.term('published'), t.date(from)],
  ]);
}

function describeReview(r, number, product, n) {
  return describe(t.thing('review', number), [
    [t.rdfType, t.term('Review')],
    [t.term('reviewFor'), t.thing('product', product)],
    [t.term('reviewer'), t.thing('person', r.integer(0, n.persons - 1))],
    [t.term('title'), t.english(words(r, 5))],
    [t.term('text'), t.english(words(r, 40))],
    [t.term('written'), t.date(r.integer(0, 700))],
    ...['quality', 'value', 'service', 'style']
      .filter(() => r.chance(0.7))
      .map((name) => /** @type {Pair} */ ([t.term(name), t.integer(r.integer(1, 10))])),
  ]);
}
