import { once } from 'node:events';
import { connect, type AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { assertGuarded } from '../../src/server/api-key.ts';
import { testApp, type TestApp } from './apps.ts';

const apiKey = 'correct-horse-battery';

describe('an API key', () => {
  let kit: TestApp;
  beforeAll(async () => {
    kit = await testApp({ apiKey });
  });
  afterAll(() => kit[Symbol.asyncDispose]());

  test('T24 opens every path but the health checks, compared as a whole', async () => {
    const statusWith = async (url: string, authorization?: string) =>
      (await kit.app.inject({ url, headers: authorization ? { authorization } : {} })).statusCode;
    for (const url of [
      '/query?query=ASK{}',
      '/workflows',
      '/changes',
      '/store?default',
      '/nowhere',
    ])
      expect([url, await statusWith(url)]).toEqual([url, 401]);
    for (const wrong of [
      apiKey,
      `Basic ${apiKey}`,
      'Bearer',
      'Bearer ',
      `Bearer ${apiKey.slice(0, -1)}`,
      `Bearer ${apiKey}x`,
      `Bearer ${apiKey.toUpperCase()}`,
      `Bearer ${apiKey} ${apiKey}`,
    ])
      expect([wrong, await statusWith('/workflows', wrong)]).toEqual([wrong, 401]);
    expect(await statusWith('/workflows', `Bearer ${apiKey}`)).toBe(200);
    expect(await statusWith('/workflows', `bearer ${apiKey}`)).toBe(200);
    for (const open of ['/healthz', '/readyz']) expect(await statusWith(open)).toBe(200);
  });

  test.each(['/healthz/', '/healthz/../workflows', '/healthz;/workflows', '//healthz', '/HEALTHZ'])(
    'T24 is asked for at %s, which is no health check',
    async (url) => {
      expect((await kit.app.inject(url)).statusCode).toBe(401);
    },
  );

  test('A15 that is missing is told as a problem with what to send', async () => {
    const answer = await kit.app.inject('/workflows');
    expect(answer.headers['www-authenticate']).toBe('Bearer');
    expect(answer.headers['content-type']).toContain('application/problem+json');
    expect(answer.json()).toMatchObject({ status: 401, code: 'unauthorized', kind: 'validation' });
    expect(answer.body).not.toContain(apiKey);
  });

  test('lets any name and any origin in, as the key is what counts', async () => {
    const headers = {
      host: 'graph.example.org',
      origin: 'https://app.example.org',
      authorization: `Bearer ${apiKey}`,
    };
    expect((await kit.app.inject({ url: '/workflows', headers })).statusCode).toBe(200);
  });

  test.each([
    '0.0.0.0',
    '::',
    '192.168.1.7',
    'graph.example.org',
    '127.evil.org',
    '::ffff:1.2.3.4',
  ])('is needed to listen on %s', (host) => {
    expect(() => assertGuarded(host, undefined)).toThrow(
      expect.objectContaining({
        code: 'invalid_configuration',
        message: expect.stringContaining('GRAPHWRIGHT_SERVER_API_KEY'),
      }),
    );
    expect(() => assertGuarded(host, apiKey)).not.toThrow();
  });

  test.each(['127.0.0.1', '127.9.8.7', '::1', 'localhost'])(
    'is not needed to listen on %s',
    (host) => expect(() => assertGuarded(host, undefined)).not.toThrow(),
  );
});

describe('a server without a key', () => {
  let kit: TestApp;
  beforeAll(async () => {
    kit = await testApp();
  });
  afterAll(() => kit[Symbol.asyncDispose]());

  const url = '/query?query=ASK{}';

  test.each(['localhost', 'localhost:7411', '127.0.0.1:80', '[::1]:7411', 'LOCALHOST'])(
    'answers to %s',
    async (host) => {
      expect((await kit.app.inject({ url, headers: { host } })).statusCode).toBe(200);
    },
  );

  test.each([
    'evil.example',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    'localhost@evil.example',
    '127.evil.example',
    '192.168.1.7',
    'a b',
    '[::1',
  ])('refuses the name "%s", which a page on the web may point here', async (host) => {
    const answer = await kit.app.inject({ url, headers: { host } });
    expect(answer.statusCode).toBe(403);
    expect(answer.json()).toMatchObject({ code: 'forbidden' });
  });

  test('refuses a request without any name', async () => {
    await kit.app.listen({ host: '127.0.0.1', port: 0 });
    const socket = connect((kit.app.server.address() as AddressInfo).port, '127.0.0.1');
    await once(socket, 'connect');
    socket.end('GET /workflows HTTP/1.0\r\n\r\n');
    expect(await text(socket)).toMatch(/^HTTP\/1\.[01] 403 /);
  });

  test.each(['https://evil.example', 'null', 'http://localhost:3000', 'https://localhost:7411'])(
    'refuses to write for a page of %s',
    async (origin) => {
      const answer = await kit.app.inject({
        method: 'POST',
        url: '/update',
        headers: {
          host: 'localhost:7411',
          origin,
          'content-type': 'application/x-www-form-urlencoded',
        },
        payload:
          'update=INSERT+DATA+%7B+GRAPH+%3Curn%3Ag%3E+%7B+%3Curn%3As%3E+%3Curn%3Ap%3E+1+%7D+%7D',
      });
      expect(answer.statusCode).toBe(403);
      expect(await kit.store.graphs()).toEqual([]);
    },
  );

  test('lets its own pages in', async () => {
    const headers = { host: 'localhost:7411', origin: 'http://localhost:7411' };
    expect((await kit.app.inject({ url, headers })).statusCode).toBe(200);
  });
});
