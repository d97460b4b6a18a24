import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openEmbedded, type Embedded } from '../../../src/ontology/embedded/open-embedded.ts';
import { sparql, sparqlText } from '../../../src/ontology/sparql.ts';
import { factory, iri } from '../../../src/ontology/terms.ts';

const digits = Array.from({ length: 10 }, (_, n) => n).join(' ');
/** A billion candidates, none of which fits. */
const endless = `${[...'abcdefghi'].map((v) => `VALUES ?${v} { ${digits} }`).join('\n')}
  FILTER(?a + ?b + ?c + ?d + ?e + ?f + ?g + ?h + ?i < 0)`;
const graph = iri('https://example.org/g');
const fact = (value: string) =>
  factory.quad(iri('https://example.org/s'), iri('https://example.org/p'), factory.literal(value));
const code = (expected: string) => expect.objectContaining({ code: expected });

describe('the embedded store under queries that never end', () => {
  let embedded: Embedded;
  beforeEach(async () => {
    embedded = await openEmbedded({ timeout: 150 });
    await embedded.store.insert(graph, [fact('kept')]);
  });
  afterEach(() => embedded.close());

  const values = async () =>
    (await embedded.store.select(sparql`SELECT ?o { ?s ?p ?o }`)).map(({ o }) => o!.value);

  test('N6 T5 a query past its time is ended, and those behind it are answered', async () => {
    const slow = embedded.store.select(sparqlText(`SELECT * { ${endless} }`));
    const behind = values();
    await expect(slow).rejects.toEqual(code('timeout'));
    expect(await behind).toEqual(['kept']);
  });

  test('N6 a query is ended when its caller goes away', async () => {
    const caller = new AbortController();
    const slow = embedded.store.select(sparqlText(`SELECT * { ${endless} }`), {
      signal: caller.signal,
      timeout: 60_000,
    });
    setTimeout(() => caller.abort(), 50);
    await expect(slow).rejects.toEqual(code('cancelled'));
    expect(await values()).toEqual(['kept']);
  });

  test('N6 a query that still waits in line is taken out of it', async () => {
    const caller = new AbortController();
    const slow = embedded.store.select(sparqlText(`SELECT * { ${endless} }`));
    const waiting = embedded.store.select(sparql`SELECT * {}`, { signal: caller.signal });
    caller.abort();
    await expect(waiting).rejects.toEqual(code('cancelled'));
    await expect(slow).rejects.toEqual(code('timeout'));
  });

  test('N6 with a second reader others do not wait at all', async () => {
    const two = await openEmbedded({ readers: 2, timeout: 800 });
    await two.store.insert(graph, [fact('kept')]);
    const slow = two.store.select(sparqlText(`SELECT * { ${endless} }`)).catch(() => 'slow');
    const quick = two.store.select(sparql`SELECT ?o { ?s ?p ?o }`).then(() => 'quick');
    expect(await Promise.race([slow, quick])).toBe('quick');
    await slow;
    await two.close();
  });

  test('N6 an update past its time writes nothing, and the writes around it go through', async () => {
    const slow = `INSERT { GRAPH <https://example.org/g> { <x:s> <x:p> ?a } } WHERE { ${endless} }`;
    const outcomes = await Promise.allSettled([
      embedded.store.insert(graph, [fact('before')]),
      embedded.store.update(sparqlText(slow)),
      embedded.store.insert(graph, [fact('after')]),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(outcomes[1]).toMatchObject({ reason: code('timeout') });
    expect((await values()).toSorted()).toEqual(['after', 'before', 'kept']);
  });

  test('N6 the event loop is free while a query runs', async () => {
    const slow = embedded.store.select(sparqlText(`SELECT * { ${endless} }`)).catch(() => 'over');
    let ticks = 0;
    const timer = setInterval(() => (ticks += 1), 5);
    await slow;
    clearInterval(timer);
    expect(ticks).toBeGreaterThan(3);
  });
});

describe('several readers', () => {
  test('each of them sees a write that was acknowledged', async () => {
    const { store, close } = await openEmbedded({ readers: 3 });
    for (let n = 1; n <= 20; n += 1) {
      await store.insert(graph, [fact(`v${n}`)]);
      const counts = Array.from({ length: 6 }, () => store.graphs());
      for (const [found] of await Promise.all(counts)) expect(found).toEqual({ graph, quads: n });
    }
    await close();
  });
});

describe('T1 T13 text that breaks engines and parsers', () => {
  let embedded: Embedded;
  beforeAll(async () => {
    embedded = await openEmbedded({});
    await embedded.store.insert(graph, [fact('kept')]);
  });
  afterAll(() => embedded.close());

  const alive = async () => {
    await embedded.store.insert(graph, [fact('new')]);
    const rows = await embedded.store.select(sparql`SELECT ?o { ?s ?p ?o }`);
    expect(rows.map(({ o }) => o!.value).toSorted()).toEqual(['kept', 'new']);
    await embedded.store.remove(graph, [fact('new')]);
  };

  test.each([
    ['braces', `SELECT * ${'{'.repeat(702)}`],
    ['parentheses', `SELECT * { FILTER(${'('.repeat(1590)}1`],
    ['OPTIONAL', `SELECT * {${'OPTIONAL{'.repeat(692)}`],
    ['sums', `SELECT * { FILTER(1${'+1'.repeat(2274)}) }`],
    ['UNION', `SELECT * {{}${' UNION {}'.repeat(2430)}}`],
    ['BIND', `SELECT * {${'BIND(1 AS ?x)'.repeat(829)}}`],
    ['braces as escapes', `SELECT * ${'\\u007B'.repeat(702)}`],
    ['length', `SELECT * { ?s ?p "${'x'.repeat(70_000)}" }`],
  ])('%s are refused in milliseconds, as a query and as an update', async (_, text) => {
    const start = performance.now();
    await expect(embedded.store.select(sparqlText(text))).rejects.toEqual(code('invalid_query'));
    expect(performance.now() - start).toBeLessThan(100);
    const update = `INSERT {} WHERE { ${text.replace('SELECT *', '')}`;
    await expect(embedded.store.update(sparqlText(update))).rejects.toEqual(code('invalid_query'));
    await alive();
  });

  test('10 KB of braces hold up nobody', async () => {
    const start = performance.now();
    await expect(
      embedded.store.update(sparqlText(`DELETE WHERE ${'{'.repeat(10_000)}`)),
    ).rejects.toEqual(code('invalid_query'));
    expect(performance.now() - start).toBeLessThan(1000);
  });

  // No operator, no depth: what the scan lets through, the engine may still break on.
  const trap = `{ ${'?a ?b ?c .'.repeat(6000)} }`;

  test('a trap of the engine ends that query only', async () => {
    const broken = embedded.store.select(sparqlText(`SELECT * ${trap}`));
    const behind = embedded.store.ask(sparql`ASK { ?s ?p "kept" }`);
    await expect(broken).rejects.toEqual(code('invalid_query'));
    expect(await behind).toBe(true);
    await alive();
  });

  test('a trap in an update ends that update only', async () => {
    const outcomes = await Promise.allSettled([
      embedded.store.update(sparqlText(`INSERT { <x:a> <x:b> ?a } WHERE ${trap}`)),
      embedded.store.update(sparql`INSERT DATA { GRAPH ${graph} { <x:s> <x:p> "behind" } }`),
    ]);
    expect(outcomes[0]).toMatchObject({ reason: code('invalid_query') });
    expect(outcomes[1]).toMatchObject({ value: { inserted: 1 } });
    await embedded.store.remove(graph, [
      factory.quad(iri('x:s'), iri('x:p'), factory.literal('behind')),
    ]);
    await alive();
  });
});
