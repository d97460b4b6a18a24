import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { openEmbedded } from '../../src/ontology/embedded/open-embedded.ts';
import { provenanceGraph, runIri } from '../../src/ontology/provenance/terms.ts';
import { sparql } from '../../src/ontology/sparql.ts';
import { gw, iri, prov, rdf } from '../../src/ontology/terms.ts';
import { temporaryDirectory } from '../support/command.ts';

test('N3 over five kills, no statement is there without what tells who wrote it, and the other way round', async () => {
  await using directory = await temporaryDirectory();
  const acknowledged: string[] = [];
  for (let cycle = 0; cycle < 5; cycle += 1)
    acknowledged.push(...(await writeUntilKilled(directory.path, cycle * 100_000)));
  const { store, close } = await openEmbedded({ directory: directory.path });
  const written = await store.select(sparql`SELECT ?s (COUNT(*) AS ?n) { ?s ?p ?o } GROUP BY ?s`);
  const data = sparql`GRAPH ${iri('https://example.org/g')}`;
  const told = sparql`GRAPH ${provenanceGraph} {
    ?change ${rdf('reifies')} <<( ?s ?p ?o )>> ; ${prov('wasGeneratedBy')} ?run ; ${gw('inCommit')} ?commit .
    ?run ${gw('workflow')} "count" ; ${prov('startedAtTime')} ?began .
    ?commit ${gw('position')} ?position }`;
  const [matching] = await store.select(
    sparql`SELECT (COUNT(*) AS ?n) { ${data} { ?s ?p ?o } ${told} }`,
  );
  const [recorded] = await store.select(sparql`SELECT (COUNT(*) AS ?n) { ${told} }`);
  const runs = await store.select(
    sparql`SELECT ?run { GRAPH ${provenanceGraph} { ?run a ${gw('Run')} } }`,
  );
  await close();
  expect(acknowledged.length).toBeGreaterThan(5);
  const numbers = new Set(written.map(({ s }) => s!.value.split('/').at(-1)!));
  expect(acknowledged.filter((number) => !numbers.has(number))).toEqual([]);
  expect(written.filter(({ n }) => n!.value !== '3')).toEqual([]);
  expect(Number(matching!['n']!.value)).toBe(3 * numbers.size);
  expect(Number(recorded!['n']!.value)).toBe(3 * numbers.size);
  expect(new Set(runs.map(({ run }) => run!.value))).toEqual(
    new Set([...numbers].map((number) => runIri(number).value)),
  );
}, 30_000);

/** What was acknowledged before the kill, which hits at any moment. */
async function writeUntilKilled(directory: string, from: number): Promise<string[]> {
  const script = ['test/faults/provenance-writer.mjs', directory, String(from)];
  const child = spawn(process.execPath, script, { stdio: ['ignore', 'pipe', 'inherit'] });
  const lines = createInterface(child.stdout);
  const acknowledged: string[] = [];
  lines.on('line', (line) => acknowledged.push(line));
  await once(lines, 'line');
  await sleep(Math.random() * 100);
  child.kill('SIGKILL');
  await Promise.all([once(child, 'exit'), once(lines, 'close')]);
  return acknowledged;
}
