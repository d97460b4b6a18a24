// node bench/shacl/validate.mjs [--nodes 10000] [--rounds 7]: how long shacl-engine takes to check the same
// people as our store, in alternation.
import { parseArgs } from 'node:util';
import { Store as Dataset, DataFactory, Parser } from 'n3';
import { Validator } from 'shacl-engine';
import { openEmbedded } from '../../dist/ontology/embedded/open-embedded.js';
import { parseShapes } from '../../dist/ontology/shapes/parse-shapes.js';
import { validate } from '../../dist/ontology/shapes/validate.js';
import { graphName } from '../../dist/ontology/terms.js';
import { parseTurtle } from '../../dist/ontology/turtle.js';
import { people, shapes } from './people.mjs';

const { values } = parseArgs({
  options: { nodes: { type: 'string' }, rounds: { type: 'string' } },
});
const nodes = Number(values.nodes ?? 10_000);
const rounds = Number(values.rounds ?? 7);

const wrong = 100;
const quads = new Parser({ format: 'N-Triples' }).parse(people(nodes, nodes / wrong));
const shapeQuads = parseTurtle(shapes, 'the shapes');

const ours = parseShapes(shapeQuads);
const { store, close } = await openEmbedded({});
await store.insert(graphName('people'), quads);

const dataset = new Dataset(quads);
const validator = new Validator(new Dataset(shapeQuads), { factory: DataFactory });

const systems = {
  'our store, through its port': async () => (await validate(store, ours)).results.length,
  'our validator, from quads': async () => (await validate(quads, ours)).results.length,
  'shacl-engine, on an indexed dataset': async () =>
    (await validator.validate({ dataset })).results.length,
};
const times = Object.fromEntries(Object.keys(systems).map((name) => [name, []]));
for (let round = 0; round <= rounds; round += 1)
  for (const [name, run] of Object.entries(systems)) {
    const start = performance.now();
    const results = await run();
    if (results !== wrong) throw new Error(`${name} finds ${results} results instead of ${wrong}`);
    // The first round warms up.
    if (round > 0) times[name].push(performance.now() - start);
  }
await close();

const median = (list) => list.toSorted((a, b) => a - b)[list.length >> 1];
const theirs = median(times['shacl-engine, on an indexed dataset']);
console.log(
  `${nodes} focus nodes, 5 property shapes, ${wrong} results; medians of ${rounds} rounds`,
);
for (const [name, list] of Object.entries(times)) {
  const time = median(list);
  console.log(
    `${name.padEnd(36)} ${time.toFixed(0).padStart(6)} ms  ${(theirs / time).toFixed(1)}x`,
  );
}
console.log(
  'The data lies in each system before the clock starts, but for "from quads", which indexes them each time.\n' +
    'Not shown: loading, memory, shapes with long paths or many nested shapes, data of other forms.',
);
