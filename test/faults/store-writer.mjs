// Writes commits of three quads until it is killed, and says each number once it is acknowledged.
import { openEmbedded } from '../../dist/ontology/embedded/open-embedded.js';
import { factory, iri } from '../../dist/ontology/terms.js';

const [directory, from] = process.argv.slice(2);
const { store } = await openEmbedded({ directory });
const graph = iri('https://example.org/g');
const quad = (subject, part) =>
  factory.quad(subject, iri(`https://example.org/${part}`), factory.literal(part));

async function write(number) {
  const subject = iri(`https://example.org/${number}`);
  await store.insert(
    graph,
    ['a', 'b', 'c'].map((part) => quad(subject, part)),
  );
  process.stdout.write(`${number}\n`);
}

// Four writers at once, so that the kill also hits shared commits.
for (let number = Number(from); ; number += 4)
  await Promise.all([0, 1, 2, 3].map((offset) => write(number + offset)));
