// Writes commits, each by a run of its own, until it is killed, and says each run once it is acknowledged.
import { attributed } from '../../dist/ontology/attribution.js';
import { openEmbedded } from '../../dist/ontology/embedded/open-embedded.js';
import { factory, iri } from '../../dist/ontology/terms.js';

const [directory, from] = process.argv.slice(2);
const { store } = await openEmbedded({ directory, provenance: { level: 'statement' } });
const graph = iri('https://example.org/g');

async function write(number) {
  const subject = iri(`https://example.org/${number}`);
  const quads = ['a', 'b', 'c'].map((part) =>
    factory.quad(subject, iri(`https://example.org/${part}`), factory.literal(part)),
  );
  const run = { id: String(number), workflow: 'count', agent: { surface: 'program' } };
  await attributed({ ...run, startedAt: new Date() }, () => store.insert(graph, quads));
  process.stdout.write(`${number}\n`);
}

// Four writers at once, so that the kill also hits shared commits.
for (let number = Number(from); ; number += 4)
  await Promise.all([0, 1, 2, 3].map((offset) => write(number + offset)));
