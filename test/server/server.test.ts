import { once } from 'node:events';
import { connect, type AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { FailOnDemand, PlanOrder, WaitForever } from '../support/sample-workflows.ts';
import { testApp, type TestApp } from './apps.ts';

const listen = async ({ app }: TestApp) => {
  await app.listen({ host: '127.0.0.1', port: 0 });
  return (app.server.address() as AddressInfo).port;
};

describe('the health checks', () => {
  test('tell the process from the graph', async () => {
    await using kit = await testApp();
    expect((await kit.app.inject('/healthz')).json()).toEqual({ status: 'ok' });
    expect((await kit.app.inject('/readyz')).statusCode).toBe(200);
    await kit.store.close();
    expect((await kit.app.inject('/healthz')).statusCode).toBe(200);
    const answer = await kit.app.inject('/readyz');
    expect(answer.json()).toMatchObject({ status: 503, code: 'unavailable', retriable: true });
  });
});

describe('the description of the server', () => {
  test('A13 is OpenAPI 3.1 with every route and its operation', async () => {
    await using kit = await testApp({ workflows: [new PlanOrder({})] });
    const { openapi, paths, security } = (await kit.app.inject('/openapi.json')).json();
    expect(openapi).toBe('3.1.0');
    expect(Object.keys(paths).toSorted()).toEqual([
      '/.well-known/void',
      '/changes',
      '/healthz',
      '/metrics',
      '/query',
      '/readyz',
      '/sparql',
      '/store',
      '/subjects',
      '/update',
      '/validate',
      '/workflows',
      '/workflows/plan_order',
      '/workflows/{name}',
    ]);
    const operations = Object.values(paths as Record<string, Record<string, object>>)
      .flatMap((methods) => Object.values(methods))
      .map((operation) => (operation as { operationId?: string }).operationId);
    expect(operations).not.toContain(undefined);
    expect(new Set(operations).size).toBe(operations.length);
    expect(paths['/query'].get.parameters.map(({ name }: { name: string }) => name)).toContain(
      'query',
    );
    expect(Object.keys(paths['/update'].post.requestBody.content)).toContain(
      'application/sparql-update',
    );
    expect(security).toBeUndefined();
  });

  test('names the key where one is asked for', async () => {
    await using kit = await testApp({ apiKey: 'correct-horse-battery' });
    const headers = { authorization: 'Bearer correct-horse-battery' };
    const { security } = (await kit.app.inject({ url: '/openapi.json', headers })).json();
    expect(security).toEqual([{ bearer: [] }]);
  });

  test('is shown at /docs by scripts that the content security policy allows', async () => {
    await using kit = await testApp();
    const page = await kit.app.inject('/docs');
    expect(page.statusCode).toBe(200);
    const policy = String(page.headers['content-security-policy']);
    expect(policy).toContain("script-src 'self'");
    expect(policy).not.toMatch(/unsafe-eval|script-src[^;]*unsafe-inline|upgrade-insecure/);
    const scripts = [...page.body.matchAll(/<script([^>]*)>([^<]*)</g)];
    expect(scripts.length).toBeGreaterThan(1);
    for (const [, attributes, inline] of scripts) {
      expect(inline!.trim()).toBe('');
      const source = /src="([^"]+)"/.exec(attributes!)![1]!;
      expect((await kit.app.inject(new URL(source, 'http://h/docs').pathname)).statusCode).toBe(
        200,
      );
    }
  });
});

describe('A15 errors', () => {
  test('are problems, also for unknown paths, and hide what is inside', async () => {
    await using kit = await testApp({ workflows: [new FailOnDemand({})] });
    const unknown = await kit.app.inject('/nowhere?x=1');
    expect(unknown.json()).toMatchObject({ status: 404, code: 'not_found', instance: '/nowhere' });
    const url = '/workflows/fail_on_demand';
    const fail = (how: string) => kit.app.inject({ method: 'POST', url, payload: { how } });
    expect((await fail('nothing')).json()).toMatchObject({ status: 400, kind: 'validation' });
    expect((await fail('integration_failed')).json()).toMatchObject({
      status: 502,
      kind: 'io',
      retriable: true,
    });
    const defect = await fail('defect');
    expect(defect.json()).toMatchObject({ status: 500, kind: 'unexpected', retriable: false });
    expect(defect.body).not.toContain('secret');
  });
});

describe('a server under load', () => {
  test('says that it is busy while the event loop is held', async () => {
    await using kit = await testApp();
    await kit.app.ready();
    const until = performance.now() + 6_000;
    let answer = await kit.app.inject('/workflows');
    expect(answer.statusCode).toBe(200);
    while (answer.statusCode === 200 && performance.now() < until) {
      // Holds this thread without using the processor.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1_600);
      await sleep(1);
      answer = await kit.app.inject('/workflows');
    }
    expect(answer.json()).toMatchObject({ status: 503, code: 'unavailable', retriable: true });
    expect(answer.headers['retry-after']).toBeDefined();
  });
});

describe('T19 slow senders', () => {
  const timeouts = { headers: 400, request: 800 };

  /** Sends a beginning and then a byte now and then; gives back the answer and how long it took. */
  async function drip(port: number, beginning: string) {
    const begin = performance.now();
    const socket = connect(port, '127.0.0.1');
    let answer = '';
    socket.on('data', (chunk) => (answer += chunk.toString()));
    socket.on('error', () => undefined);
    await once(socket, 'connect');
    socket.write(beginning);
    const dripping = setInterval(() => socket.write('a'), 50);
    await once(socket, 'close');
    clearInterval(dripping);
    return { answer, took: performance.now() - begin };
  }

  test('are cut off, in the headers and in the body, while others are served', async () => {
    await using kit = await testApp({ timeouts });
    const port = await listen(kit);
    const [headers, body] = await Promise.all([
      drip(port, 'GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Slow: '),
      drip(
        port,
        'POST /query HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/sparql-query\r\nContent-Length: 1000\r\n\r\n',
      ),
      sleep(200).then(() => fetch(`http://127.0.0.1:${port}/healthz`)),
    ]);
    expect(headers.answer).toMatch(/^HTTP\/1\.1 408 /);
    expect(headers.took).toBeLessThan(1_500);
    expect(body.answer).toMatch(/^HTTP\/1\.1 408 /);
    expect(body.took).toBeGreaterThan(700);
    expect(body.took).toBeLessThan(2_500);
  });

  test('a connection that never asks for anything does not hold up the close', async () => {
    const kit = await testApp();
    const socket = connect(await listen(kit), '127.0.0.1');
    await once(socket, 'connect');
    const begin = performance.now();
    await kit[Symbol.asyncDispose]();
    expect(performance.now() - begin).toBeLessThan(3_000);
  });

  test('a large body that keeps coming quickly may take longer than a small one', async () => {
    await using kit = await testApp({ timeouts });
    const port = await listen(kit);
    const body = async function* () {
      for (let piece = 0; piece < 8; piece += 1) {
        yield Buffer.from(`<urn:s${piece}> <urn:p> "${'x'.repeat(50_000)}" .\n`);
        await sleep(250);
      }
    };
    const begin = performance.now();
    const answer = await fetch(`http://127.0.0.1:${port}/store?graph=urn:g`, {
      method: 'POST',
      headers: { 'content-type': 'application/n-triples' },
      body: Readable.toWeb(Readable.from(body())) as ReadableStream,
      duplex: 'half',
    } as RequestInit);
    expect(answer.status).toBe(201);
    expect(performance.now() - begin).toBeGreaterThan(2 * timeouts.request);
  });

  test('have 5 s for headers by default', async () => {
    await using kit = await testApp();
    expect(kit.app.server.headersTimeout).toBe(5_000);
  });
});

describe('closing', () => {
  test('lets a call that is under way end, and takes no new one', async () => {
    let began: () => void = () => undefined;
    const underWay = new Promise<void>((resolve) => (began = resolve));
    await using kit = await testApp({ workflows: [new WaitForever({ began })] });
    const port = await listen(kit);
    const leave = new AbortController();
    const call = fetch(`http://127.0.0.1:${port}/workflows/wait_forever`, {
      method: 'POST',
      signal: leave.signal,
    }).catch(() => 'left');
    await underWay;
    let closed = false;
    const closing = kit.app.close().then(() => (closed = true));
    await sleep(100);
    expect(closed).toBe(false);
    await expect(fetch(`http://127.0.0.1:${port}/healthz`)).rejects.toThrow('fetch failed');
    leave.abort();
    await call;
    await closing;
  });
});
