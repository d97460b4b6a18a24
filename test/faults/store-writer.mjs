// Writes until it is killed, and says each number once it is acknowledged. Snapshots and fresh engines come
// often, so that the end also finds those under way.
import { openEmbedded } from '../../dist/ontology/embedded/open-embedded.js';
import { sparql } from '../../dist/ontology/sparql.js';
import { factory, iri } from '../../dist/ontology/terms.js';

const [directory, from] = process.argv.slice(2);
const snapshots = { afterWrites: 40, afterRemovals: 25, keepRows: 30 };
const { store, state } = await openEmbedded({ directory, snapshots });
await state.commit([{ sql: 'CREATE TABLE IF NOT EXISTS notes (number INTEGER PRIMARY KEY)' }]);
const graph = iri('https://example.org/g');
const counter = iri('https://example.org/counter');
const value = iri('https://example.org/value');
const quad = (subject, part) =>
  factory.quad(subject, iri(`https://example.org/${part}`), factory.literal(part));

async function insert(number) {
  const subject = iri(`https://example.org/${number}`);
  await store.insert(
    graph,
    ['a', 'b', 'c'].map((part) => quad(subject, part)),
  );
}

const count = (number) =>
  store.update(sparql`WITH ${graph} DELETE { ${counter} ${value} ?v } INSERT { ${counter} ${value} ${number} }
    WHERE { OPTIONAL { ${counter} ${value} ?v } }`);

/** Every other one is committed in this thread, and the rest in that of the state file. */
const note = (number) =>
  state.commit([{ sql: 'INSERT INTO notes VALUES (?)', values: [number] }], { brief: true });

// Four writers at once and then one alone, so that the end hits commits of both threads.
for (let number = Number(from); ; number += 4) {
  const numbers = [0, 1, 2, 3].map((offset) => number + offset);
  await Promise.all([count(number), ...numbers.slice(1).map(insert)]);
  await insert(number);
  for (const each of numbers) {
    await note(each);
    process.stdout.write(`${each}\n`);
  }
}
