import { once } from 'node:events';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { EmbeddedStore } from '../../src/ontology/embedded/embedded-store.ts';
import { openStateFile } from '../../src/ontology/embedded/state-file.ts';
import { sparqlText } from '../../src/ontology/sparql.ts';
import { server } from '../../src/server/server.ts';
import { testApp, type TestApp } from './apps.ts';

interface Told {
  id?: string;
  event?: string;
  data?: { position: number; at: string; removed: string[]; inserted: string[] };
}

let kit: TestApp;
let origin: string;
let leaving: AbortController;
/** The position before the test's own writes. */
let start: number;

const listen = async ({ app }: TestApp) => {
  await app.listen({ host: '127.0.0.1', port: 0 });
  return `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
};

beforeAll(async () => {
  kit = await testApp({ changes: { heartbeat: 100, stalled: 300 } });
  origin = await listen(kit);
});

beforeEach(async () => {
  leaving = new AbortController();
  start = (await update('DROP ALL')).position;
});

afterEach(() => leaving.abort());

afterAll(() => kit[Symbol.asyncDispose]());

const update = (text: string) => kit.store.update(sparqlText(text));
const insert = (value: number) =>
  update(`INSERT DATA { GRAPH <urn:g> { <urn:s> <urn:p> ${value} } }`);
const line = (value: number) =>
  `<urn:s> <urn:p> "${value}"^^<http://www.w3.org/2001/XMLSchema#integer> <urn:g> .`;

const open = (query = '', headers: Record<string, string> = {}, signal = leaving.signal) =>
  fetch(`${origin}/changes${query}`, { headers, signal });

/** The events of an answer as they come. */
async function* events(answer: Response): AsyncGenerator<Told> {
  expect([answer.status, answer.headers.get('content-type')]).toEqual([
    200,
    'text/event-stream; charset=utf-8',
  ]);
  let text = '';
  for await (const chunk of answer.body!.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    if (!chunk.includes('\n')) continue;
    const parts = text.split('\n\n');
    text = parts.pop()!;
    for (const part of parts) {
      const fields = part.split('\n').map((field) => field.split(/: ?(.*)/s).slice(0, 2));
      const { id, event, data } = Object.fromEntries(fields) as Record<string, string>;
      yield { id, event, ...(data && { data: JSON.parse(data) }) };
    }
  }
}

/** The first changes of an answer. */
async function changes(answer: Response, count: number) {
  const found: NonNullable<Told['data']>[] = [];
  for await (const { data } of events(answer)) {
    if (data) found.push(data);
    if (found.length === count) break;
  }
  return found;
}

describe('N5 A22 the change feed', () => {
  test('tells every write to the letter, in order, from any position', async () => {
    await update('INSERT DATA { GRAPH <urn:g> { <urn:s> <urn:p> "01"^^<urn:t>, "Hallo"@de-AT } }');
    await update('DELETE DATA { GRAPH <urn:g> { <urn:s> <urn:p> "01"^^<urn:t> } }');
    await update('INSERT DATA { <urn:s> <urn:p> _:b }');
    const [first, second, third] = await changes(await open(`?after=${start}`), 3);
    expect(first).toMatchObject({
      position: start + 1,
      removed: [],
      at: expect.stringMatching(/^\d{4}-/),
    });
    expect(first!.inserted.toSorted()).toEqual([
      '<urn:s> <urn:p> "01"^^<urn:t> <urn:g> .',
      '<urn:s> <urn:p> "Hallo"@de-AT <urn:g> .',
    ]);
    expect(second).toMatchObject({ position: start + 2, removed: [first!.inserted.toSorted()[0]] });
    expect(third!.inserted).toEqual([expect.stringMatching(/^<urn:s> <urn:p> _:\S+ \.$/)]);
    expect(await changes(await open(`?after=${start + 2}`), 1)).toEqual([third]);
  });

  test('goes on after a lost connection without a gap and without telling twice', async () => {
    const told: number[] = [];
    const writing = (async () => {
      for (let value = 1; value <= 60; value += 1) await insert(value);
    })();
    let last = String(start);
    while (told.length < 60) {
      const connection = new AbortController();
      const answer = await open('?after=0', { 'last-event-id': last }, connection.signal);
      let count = 0;
      for await (const { id, data } of events(answer)) {
        last = id ?? last;
        if (data) told.push(data.position);
        if (data && (count += 1) === 7) break;
        if (told.length === 60) break;
      }
      connection.abort();
    }
    await writing;
    expect(told).toEqual(Array.from({ length: 60 }, (_, index) => start + index + 1));
  });

  test('tells by default only what comes', async () => {
    await insert(1);
    const answer = await open();
    await insert(2);
    expect(await changes(answer, 1)).toMatchObject([{ position: start + 2, inserted: [line(2)] }]);
  });

  test.each([
    ['subject=urn:t', ['<urn:t> <urn:p> "x" <urn:g> .', '<urn:t> <urn:q> <urn:o> .']],
    ['predicate=urn:q', ['<urn:t> <urn:q> <urn:o> .']],
    ['object=urn:o', ['<urn:t> <urn:q> <urn:o> .']],
    ['object=%22x%22', ['<urn:t> <urn:p> "x" <urn:g> .']],
    ['object="x"@en', ['<urn:s> <urn:p> "x"@en <urn:g> .']],
    ['object=<urn:o>&graph=default', ['<urn:t> <urn:q> <urn:o> .']],
    ['graph=urn:g&subject=urn:t', ['<urn:t> <urn:p> "x" <urn:g> .']],
    ['kind=remove', ['<urn:s> <urn:p> "x"@en <urn:g> .']],
  ])('leaves out what does not fit %s', async (filter, expected) => {
    await update(
      'INSERT DATA { <urn:t> <urn:q> <urn:o> . GRAPH <urn:g> { <urn:s> <urn:p> "x"@en . <urn:t> <urn:p> "x" } }',
    );
    await update('DELETE DATA { GRAPH <urn:g> { <urn:s> <urn:p> "x"@en } }');
    const found: string[] = [];
    for await (const { id, data } of events(await open(`?after=${start}&${filter}`))) {
      found.push(...(data?.inserted ?? []), ...(data?.removed ?? []));
      // Also what does not fit moves the position, by a heartbeat.
      if (id === String(start + 2)) break;
    }
    expect([...new Set(found)].toSorted()).toEqual(expected.toSorted());
  });

  test('says that a position is gone, so that nothing is missed unseen', async () => {
    const state = await openStateFile({ path: ':memory:' });
    const store = await EmbeddedStore.open({ state, snapshots: { keepRows: 2 } });
    const app = await server({ store, workflows: [] });
    for (const value of [1, 2, 3, 4])
      await store.update(sparqlText(`INSERT DATA { <urn:s> <urn:p> ${value} }`));
    await store.snapshot();
    for (const after of ['1', '5']) {
      const answer = await app.inject({ url: '/changes', headers: { 'last-event-id': after } });
      expect([answer.statusCode, answer.json().code]).toEqual([410, 'gone']);
      expect(answer.json().detail).toContain('from 2 to 4');
    }
    await app.close();
    await store.close();
    await state.close();
  });

  test.each([
    'after=-1',
    'after=x',
    'after=1&after=2',
    'subjekt=urn:s',
    'subject=x',
    'kind=both',
    'object=%22',
    'object=%22a%22%20.%20%3Curn:s%3E%20%3Curn:p%3E%20%22b%22',
  ])('T20 refuses %s', async (query) => {
    const answer = await kit.app.inject(`/changes?${query}`);
    expect([answer.statusCode, answer.json().code]).toEqual([400, 'invalid_parameters']);
    expect(answer.json().errors).toHaveLength(1);
  });

  test('T24 is not told without the key', async () => {
    await using guarded = await testApp({ apiKey: 'correct-horse-battery' });
    expect((await guarded.app.inject('/changes')).statusCode).toBe(401);
  });
});

describe('T27 a reader that stalls', () => {
  test('is dropped, and the others are told everything', async () => {
    const { hostname, port } = new URL(origin);
    const accepted = once(kit.app.server, 'connection') as Promise<[Socket]>;
    const stalled = connect(Number(port), hostname);
    stalled.on('error', () => undefined);
    stalled.write(`GET /changes?after=${start} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`);
    const [socket] = await accepted;
    await once(stalled, 'readable');
    const writes = 14;
    const reader = open(`?after=${start}`).then((answer) => changes(answer, writes));
    const text = 'x'.repeat(500_000);
    let waiting = 0;
    for (let value = 0; value < writes; value += 1) {
      await update(`INSERT DATA { <urn:s> <urn:p> "${value}${text}" }`);
      waiting = Math.max(waiting, socket.writableLength);
    }
    expect((await reader).map(({ position }) => position)).toHaveLength(writes);
    // It is sent one change at a time, whatever else there is.
    expect(waiting).toBeLessThan(1_100_000);
    for (let waited = 0; !socket.destroyed && waited < 2_000; waited += 50) await sleep(50);
    expect(socket.destroyed).toBe(true);
    stalled.destroy();
  });
});

describe('closing', () => {
  test('ends the feeds and is done within a second', { retry: 2 }, async () => {
    await using closing = await testApp();
    const address = await listen(closing);
    const answers = await Promise.all([fetch(`${address}/changes`), fetch(`${address}/changes`)]);
    const ended = answers.map(async (answer) => {
      for await (const told of events(answer)) expect(told.data).toBeUndefined();
      return 'ended';
    });
    const begin = performance.now();
    await closing.app.close();
    expect(performance.now() - begin).toBeLessThan(1_000);
    expect(await Promise.all(ended)).toEqual(['ended', 'ended']);
  });
});
