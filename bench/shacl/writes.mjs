// node bench/shacl/writes.mjs [--nodes 20000] [--writes 300]: what checking costs an ordinary insert, and
// that it does not grow with the graph. Stores with and without shapes take the same writes in alternation.
import { parseArgs } from 'node:util';
import { Parser } from 'n3';
import { openEmbedded } from '../../dist/ontology/embedded/open-embedded.js';
import { parseShapes } from '../../dist/ontology/shapes/parse-shapes.js';
import { graphName } from '../../dist/ontology/terms.js';
import { parseTurtle } from '../../dist/ontology/turtle.js';
import { people, shapes as text } from './people.mjs';

const { values } = parseArgs({
  options: { nodes: { type: 'string' }, writes: { type: 'string' } },
});
const nodes = Number(values.nodes ?? 20_000);
const writes = Number(values.writes ?? 300);

const shapes = parseShapes(parseTurtle(text, 'the shapes'));
const quadsOf = (ntriples) => new Parser({ format: 'N-Triples' }).parse(ntriples);
const person = (n) => quadsOf(people(1).replaceAll('person/0>', `person/new${n}>`));
const graph = graphName('people');

const systems = await Promise.all(
  [
    ['without shapes, small graph', undefined, 10],
    ['with shapes, small graph', shapes, 10],
    [`without shapes, ${nodes} people`, undefined, nodes],
    [`with shapes, ${nodes} people`, shapes, nodes],
  ].map(async ([name, checked, size]) => {
    const { store, close } = await openEmbedded({ shapes: checked });
    await store.insert(graph, quadsOf(people(size)));
    return { name, store, close, times: [] };
  }),
);
for (let n = 0; n < writes; n += 1)
  // Each of them is first as often as the others: readers still follow a write while the next one is made.
  for (let turn = 0; turn < systems.length; turn += 1) {
    const { store, times } = systems[(n + turn) % systems.length];
    const quads = person(n);
    const start = performance.now();
    await store.insert(graph, quads);
    times.push(performance.now() - start);
  }
for (const { close } of systems) await close();

const median = (list) => list.toSorted((a, b) => a - b)[list.length >> 1];
const base = median(systems[0].times);
console.log(`${writes} inserts of one person, 6 statements, in memory; medians`);
for (const { name, times } of systems) {
  const time = median(times);
  console.log(`${name.padEnd(30)} ${time.toFixed(2)} ms  ${(time / base).toFixed(2)}x`);
}
console.log(
  'The state file is in memory: on a disk the sync of each write is added to all four, and the shares of\n' +
    'checking shrink. Not shown: writes to nodes that very many others reach through a shape.',
);
