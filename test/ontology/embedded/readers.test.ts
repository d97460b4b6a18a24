import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openEmbedded, type Embedded } from '../../../src/ontology/embedded/open-embedded.ts';
import { sparql, sparqlText } from '../../../src/ontology/sparql.ts';
import { factory, iri } from '../../../src/ontology/terms.ts';

const graph = iri('https://example.org/g');
const label = iri('https://example.org/label');
const item = (n: number) => iri(`https://example.org/item/${n}`);
const fact = (n: number) => factory.quad(item(n), label, factory.literal(`Item ${n}`));
const facts = (count: number) => Array.from({ length: count }, (_, n) => fact(n));
const endless = sparql`SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }`;
/** Some dozens of milliseconds over a thousand items. */
const slow = sparql`SELECT (COUNT(*) AS ?n) { ?a ${label} ?x . ?b ${label} ?y FILTER(?x < ?y && ?a != ${item(0)}) } `;
/** Kills the engine: it doubles a text until the memory is used up. */
const fatal = sparqlText(
  `SELECT (STRLEN(?x29) AS ?n) { BIND("0123456789abcdef" AS ?x0) ${Array.from({ length: 29 }, (_, n) => `BIND(CONCAT(?x${n}, ?x${n}) AS ?x${n + 1})`).join(' ')} }`,
);

describe('one reader with many queries at once', () => {
  let embedded: Embedded;
  beforeEach(async () => {
    embedded = await openEmbedded({ readers: 1 });
    await embedded.store.insert(graph, facts(1000));
  });
  afterEach(() => embedded.close());

  const about = async (n: number) => {
    const rows = await embedded.store.select(sparql`SELECT ?o { ${item(n)} ${label} ?o }`);
    return rows.map(({ o }) => o!.value);
  };
  const many = (count: number) => Promise.all(Array.from({ length: count }, (_, n) => about(n)));
  const expected = (count: number) => Array.from({ length: count }, (_, n) => [`Item ${n}`]);

  test('each gets its own answer', async () => {
    expect(await many(300)).toEqual(expected(300));
  });

  test('each gets its own answer or its own error', async () => {
    const outcomes = await Promise.all(
      Array.from({ length: 60 }, async (_, n) => {
        if (n % 3 > 0) return about(n);
        const broken = sparqlText(`SELECT * { ?s ?p ${'"'}${n} }`);
        return embedded.store.select(broken).catch(({ code }: { code: string }) => code);
      }),
    );
    expect(outcomes).toEqual(outcomes.map((_, n) => (n % 3 > 0 ? [`Item ${n}`] : 'invalid_query')));
  });

  test('T5 a query without end is ended at its timeout, and those sent along with it are answered', async () => {
    const before = many(3);
    const ended = embedded.store.select(endless, { timeout: 300 }).then(
      () => 'answered',
      ({ code }: { code: string }) => code,
    );
    const after = many(40);
    expect(await before).toEqual(expected(3));
    expect(await ended).toBe('timeout');
    expect(await after).toEqual(expected(40));
  });

  test('T5 only the query without end is ended, not another whose time would be over by then', async () => {
    const ended = embedded.store
      .select(endless, { timeout: 600 })
      .catch(({ code }: { code: string }) => code);
    const behind = embedded.store.select(sparql`SELECT * { ${item(1)} ?p ?o }`, { timeout: 300 });
    expect(await ended).toBe('timeout');
    expect(await behind).toHaveLength(1);
  });

  test('T6 a query that kills the engine fails alone', async () => {
    const killed = embedded.store
      .select(fatal, { timeout: 60_000 })
      .catch(({ code }: { code: string }) => code);
    const others = many(40);
    expect(await killed).toBe('invalid_query');
    expect(await others).toEqual(expected(40));
  }, 60_000);

  test('slow ones and quick ones mixed are all answered right', async () => {
    const counted = Array.from({ length: 6 }, async () => {
      const [row] = await embedded.store.select(slow);
      return row!.n!.value;
    });
    expect(await many(50)).toEqual(expected(50));
    const counts = await Promise.all(counted);
    expect(new Set(counts).size).toBe(1);
  });

  test('a caller that leaves takes only its own query along', async () => {
    const leaving = new AbortController();
    const held = embedded.store
      .select(endless, { signal: leaving.signal })
      .catch(({ code }: { code: string }) => code);
    const behind = Array.from({ length: 4 }, () =>
      embedded.store
        .select(sparql`SELECT * {}`, { signal: leaving.signal })
        .catch(({ code }: { code: string }) => code),
    );
    const others = many(20);
    leaving.abort();
    expect(await held).toBe('cancelled');
    expect(await Promise.all(behind)).toEqual(behind.map(() => 'cancelled'));
    expect(await others).toEqual(expected(20));
  });

  test('a quick query whose caller leaves costs no reader', async () => {
    for (let n = 0; n < 50; n += 1) {
      const leaving = new AbortController();
      const left = embedded.store.select(sparql`SELECT * {}`, { signal: leaving.signal });
      leaving.abort();
      await expect(left).rejects.toMatchObject({ code: 'cancelled' });
    }
    expect(await many(20)).toEqual(expected(20));
  });

  test('each reads what was written before it was asked, whatever is in flight', async () => {
    const rounds = Array.from({ length: 40 }, async (_, n) => {
      void about(n);
      await embedded.store.insert(graph, [fact(5000 + n)]);
      return about(5000 + n);
    });
    expect(await Promise.all(rounds)).toEqual(rounds.map((_, n) => [`Item ${5000 + n}`]));
  });

  test('after close() what is in flight ends, one way or the other', async () => {
    const asked = Array.from({ length: 30 }, (_, n) => about(n).catch(() => 'refused'));
    await embedded.close();
    const outcomes = await Promise.all(asked);
    for (const outcome of outcomes)
      expect(['refused', 'object']).toContain(
        typeof outcome === 'string' ? outcome : typeof outcome,
      );
  });
});
