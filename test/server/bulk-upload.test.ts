import { createHash } from 'node:crypto';
import { execFile } from 'node:child_process';
import { chmod, copyFile, mkdtemp, readdir, rm } from 'node:fs/promises';
import { connect, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { sparqlText } from '../../src/ontology/sparql.ts';
import type { ObservableStore } from '../../src/ontology/store.ts';
import { iri } from '../../src/ontology/terms.ts';
import { parseTurtle } from '../../src/ontology/turtle.ts';
import { blocksOf } from '../support/documents.ts';
import { testApp, type TestApp } from './apps.ts';

const run = promisify(execFile);

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const annKey = 'the-key-of-ann-0123456789';
const ann = { name: 'ann', keyHash: sha256(annKey), read: [], write: ['urn:ann:*'], workflows: [] };
const master = 'the-one-key-that-may-do-all';

let kit: TestApp;
let uploads: string;

beforeAll(async () => {
  uploads = await mkdtemp(join(tmpdir(), 'graphwright-uploads-'));
  kit = await testApp({ uploads, apiKey: master, keys: [ann] });
  await kit.app.listen({ host: '127.0.0.1', port: 0 });
});

beforeEach(() => kit.store.update(sparqlText('DROP ALL')));

afterAll(async () => {
  await kit[Symbol.asyncDispose]();
  await rm(uploads, { recursive: true });
});

const graph = '/store?graph=urn%3Ag';
const xsd = 'http://www.w3.org/2001/XMLSchema#';

/** Statements, some of them with literals that the engine would write in another way; a page holds 8,000. */
const lines = (count: number, name = '') =>
  Array.from({ length: count }, (_, n) => {
    const literal = n % 100 === 0 ? `"0${n}"^^<${xsd}integer>` : `"${n}"`;
    return `<urn:s${n}> <urn:p> ${literal}${name && ` <${name}>`} .`;
  });

interface Sent {
  method?: 'POST' | 'GET';
  type?: string;
  key?: string;
  headers?: Record<string, string>;
}

const send = (
  url: string,
  payload?: string | Buffer,
  { method = 'POST', type = 'application/n-triples', key = master, headers }: Sent = {},
) =>
  kit.app.inject({
    method,
    url,
    payload,
    headers: {
      authorization: `Bearer ${key}`,
      ...(payload && { 'content-type': type }),
      ...headers,
    },
  });

const dump = async (accept = 'application/n-quads', key = master) =>
  send('/store', undefined, { method: 'GET', key, headers: { accept } });

const statements = async () =>
  (await dump()).body.split('\n').filter((line) => line && !line.startsWith('#'));

const position = () => (kit.store as ObservableStore).position;

describe('A27 a large graph over HTTP', () => {
  test('is added to a graph with its literals as they were written', async () => {
    const text = lines(17_000);
    expect((await send(graph, text.join('\n'))).statusCode).toBe(201);
    expect((await send(graph, text.slice(0, 9_000).join('\n'))).statusCode).toBe(204);
    const found = await send(graph, undefined, {
      method: 'GET',
      headers: { accept: 'application/n-triples' },
    });
    expect(found.body.trim().split('\n').toSorted()).toEqual(text.toSorted());
  });

  test('becomes a new graph where none is named, or part of the default graph', async () => {
    const made = await send('/store', lines(9_000).join('\n'));
    const { location } = made.headers as { location: string };
    expect((await kit.store.graphs()).map(({ graph: { value }, quads }) => [value, quads])).toEqual(
      [[location, 9_000]],
    );
    expect((await send('/store?default', lines(9_000).join('\n'))).statusCode).toBe(204);
    expect(await statements()).toHaveLength(18_000);
  });

  test.each([3, 9_000])('of %d statements comes packed as well', async (count) => {
    expect((await send(graph, gzipSync(lines(count).join('\n')))).statusCode).toBe(201);
    expect(await statements()).toHaveLength(count);
  });

  test('leaves everything as it was when a line is wrong, and says which', async () => {
    await send(graph, lines(10).join('\n'));
    const before = position();
    const answer = await send(graph, [...lines(9_000), '<urn:s> <urn:p> "open .'].join('\n'));
    expect([answer.statusCode, answer.json().code]).toEqual([400, 'invalid_data']);
    expect(answer.json().detail).toContain('The body:9001:');
    expect(position()).toBe(before);
  });

  describe('whose sender asks for events', () => {
    const told = async (url: string, body: string, more: Record<string, string> = {}) => {
      const { port } = kit.app.server.address() as AddressInfo;
      const answer = await fetch(`http://127.0.0.1:${port}${url}`, {
        method: 'POST',
        body,
        headers: {
          authorization: `Bearer ${master}`,
          'content-type': 'application/n-triples',
          accept: 'text/event-stream',
          ...more,
        },
      });
      const events = (await answer.text())
        .split('\n\n')
        .flatMap((text) => /^event: (.*)\ndata: (.*)$/.exec(text) ?? []);
      return {
        status: answer.status,
        type: answer.headers.get('content-type'),
        events: Array.from({ length: events.length / 3 }, (_, n) => ({
          event: events[3 * n + 1]!,
          data: JSON.parse(events[3 * n + 2]!) as Record<string, unknown>,
        })),
      };
    };

    test('is told how far its load is, and how it ended', async () => {
      const { status, type, events } = await told(graph, lines(80_000).join('\n'));
      expect([status, type]).toEqual([200, 'text/event-stream; charset=utf-8']);
      expect(events.at(-1)).toEqual({ event: 'done', data: { created: true } });
      const progress = events.slice(0, -1);
      expect(progress.length).toBeGreaterThan(0);
      let before = 0;
      for (const { event, data } of progress) {
        expect(event).toBe('progress');
        expect(data).toMatchObject({ statements: 80_000, inserted: data['read'] });
        expect(data['read']).toBeGreaterThan(before);
        expect(data['rate']).toBeGreaterThan(0);
        expect(data['secondsLeft']).toBeGreaterThanOrEqual(0);
        before = Number(data['read']);
      }
      expect(before).toBeLessThanOrEqual(80_000);
      expect((await kit.store.graphs())[0]?.quads).toBe(80_000);
    });

    test('learns the name of a new graph, and of a short one or a data set just the end', async () => {
      const made = await told('/store', lines(9_000).join('\n'));
      const [found] = await kit.store.graphs();
      expect(made.events.at(-1)!.data).toEqual({ created: true, location: found!.graph.value });
      expect((await told(graph, '<urn:s> <urn:p> "o" .')).events).toEqual([
        { event: 'done', data: { created: true } },
      ]);
      const quads = { 'content-type': 'application/n-quads' };
      const dataset = await told('/store', lines(9_000, 'urn:other').join('\n'), quads);
      expect(dataset.events.at(-1)).toEqual({ event: 'done', data: { created: false } });
    });

    test('gets a mistake in what it sends as a status, and one that comes later as an event', async () => {
      const wrong = await told(graph, [...lines(9_000), '<urn:s> <urn:p> "open .'].join('\n'));
      expect([wrong.status, wrong.type]).toEqual([400, 'application/problem+json; charset=utf-8']);
      const isNew = { 'if-none-match': '*' };
      const both = await Promise.all(
        [9_000, 9_001].map((count) => told(graph, lines(count).join('\n'), isNew)),
      );
      const ends = both.map(({ events }) => events.at(-1)!);
      expect(ends.map(({ event }) => event).toSorted()).toEqual(['done', 'error']);
      expect(ends.find(({ event }) => event === 'error')!.data).toMatchObject({
        status: 412,
        code: 'precondition_failed',
      });
    });
  });

  test('takes no document that names graphs of its own', async () => {
    const own = { '@id': 'urn:h', '@graph': [{ '@id': 'urn:s', 'urn:p': 'x'.repeat(70_000) }] };
    const answer = await send(graph, JSON.stringify(own), { type: 'application/ld+json' });
    expect([answer.statusCode, answer.json().code]).toEqual([400, 'invalid_data']);
    const quads = await send(graph, lines(2, 'urn:h').join('\n'), { type: 'application/n-quads' });
    expect([quads.statusCode, quads.json().code]).toEqual([415, 'unsupported_media_type']);
  });

  test('is refused when the graph is not at the version that the client has seen', async () => {
    const text = lines(9_000).join('\n');
    const only = { headers: { 'if-none-match': '*' } };
    expect((await send(graph, text, only)).statusCode).toBe(201);
    expect((await send(graph, text, only)).statusCode).toBe(412);
    const { etag } = (await send(graph, undefined, { method: 'GET' })).headers as { etag: string };
    const more = lines(9_000)
      .map((line) => line.replace('urn:p', 'urn:q'))
      .join('\n');
    const based = { headers: { 'if-match': etag } };
    expect((await send(graph, more, based)).statusCode).toBe(204);
    expect((await send(graph, `${more}\n<urn:a> <urn:b> <urn:c> .`, based)).statusCode).toBe(412);
    expect(await statements()).toHaveLength(18_000);
  });

  test('that a client sends slowly, or gives up, holds up nobody and leaves nothing behind', async () => {
    const { port } = kit.app.server.address() as AddressInfo;
    const socket = connect(port, '127.0.0.1');
    socket.write(
      `POST ${graph} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${master}\r\nContent-Type: application/n-triples\r\nContent-Length: 99000000\r\n\r\n`,
    );
    socket.write(lines(50_000).join('\n'));
    await sleep(1_000);
    const begin = performance.now();
    await kit.store.insert(iri('urn:h'), parseTurtle('<urn:s> <urn:p> 1 .', 'a statement'));
    expect(performance.now() - begin).toBeLessThan(1_000);
    socket.destroy();
    await sleep(300);
    expect(await statements()).toHaveLength(1);
    expect(await readdir(uploads)).toEqual([]);
  });
});

test('A27 the guide shows how to send a graph and to get all of them', async () => {
  await using open = await testApp();
  const url = await open.app.listen({ host: '127.0.0.1', port: 0 });
  const cwd = await mkdtemp(join(tmpdir(), 'graphwright-guide-'));
  await copyFile('test/support/curl.mjs', join(cwd, 'curl'));
  await chmod(join(cwd, 'curl'), 0o755);
  const blocks = blocksOf('docs/loading.md');
  const shown = blocks.find(({ words }) => words.includes('server'))!;
  const text = [blocks[0]!.text.split('\n', 1)[0], shown.text, 'cat everything.nq'].join('\n');
  const env = { ...process.env, PATH: `${cwd}${delimiter}${process.env['PATH']}` };
  const { stdout } = await run('sh', ['-euc', text.replaceAll('http://127.0.0.1:7411', url)], {
    cwd,
    env,
  });
  expect(stdout).toContain('<urn:ada> <https://schema.org/name> "Ada"@en-GB <urn:people> .');
  await rm(cwd, { recursive: true });
});

describe('A27 a data set over HTTP', () => {
  test.each([3, 9_000])('of %d statements goes to the graphs that it names', async (count) => {
    const text = [...lines(count), ...lines(count, 'urn:g'), ...lines(count, 'urn:h')];
    const answer = await send('/store', text.join('\n'), { type: 'application/n-quads' });
    expect(answer.statusCode).toBe(204);
    expect((await statements()).toSorted()).toEqual(text.toSorted());
  });

  test('comes as TriG, and its blank nodes are its own in all its graphs', async () => {
    const trig = '<urn:g> { _:a <urn:p> 1 } <urn:h> { _:a <urn:q> 2 }';
    for (let time = 0; time < 2; time += 1)
      expect((await send('/store', trig, { type: 'application/trig' })).statusCode).toBe(204);
    const nodes = (await statements()).map((line) => line.split(' ', 1)[0]);
    expect(nodes).toHaveLength(4);
    expect(new Set(nodes).size).toBe(2);
  });

  test('is read in each format, and not again while nothing is written', async () => {
    await send('/store', lines(3, 'urn:g').join('\n'), { type: 'application/n-quads' });
    expect((await dump('application/trig')).body).toContain('<urn:g> {');
    expect(JSON.parse((await dump('application/ld+json')).body)).toHaveLength(1);
    expect((await dump('*/*')).headers['content-type']).toBe('application/n-quads');
    expect((await dump('text/turtle')).statusCode).toBe(406);
    const { etag } = (await dump()).headers as { etag: string };
    const again = { 'if-none-match': etag, accept: 'application/n-quads' };
    const known = await send('/store', undefined, { method: 'GET', headers: again });
    expect(known.statusCode).toBe(304);
  });

  test('depends on no condition, which is on one graph', async () => {
    const headers = { 'if-match': '*' };
    const answer = await send('/store', lines(1).join(''), {
      type: 'application/n-quads',
      headers,
    });
    expect([answer.statusCode, answer.json().errors[0].pointer]).toEqual([400, '/if-match']);
  });

  test.each([2, 9_000])(
    'of %d statements is refused whole to who may not write one',
    async (count) => {
      const allowed = lines(count, 'urn:ann:1');
      const as = { key: annKey, type: 'application/n-quads' };
      const answer = await send('/store', [...allowed, ...lines(1, 'urn:bob')].join('\n'), as);
      expect([answer.statusCode, answer.json().detail]).toEqual([
        403,
        expect.stringContaining('<urn:bob>'),
      ]);
      expect(await statements()).toEqual([]);
      expect((await send('/store', allowed.join('\n'), as)).statusCode).toBe(204);
      expect(
        (await send('/store?graph=urn:bob', lines(count).join('\n'), { key: annKey })).statusCode,
      ).toBe(403);
      await send('/store?graph=urn:bob', lines(1).join('\n'));
      expect((await dump('application/n-quads', annKey)).body).not.toContain('urn:bob');
      expect(await statements()).toHaveLength(count + 1);
    },
  );
});
