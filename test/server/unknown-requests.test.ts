import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PlanOrder } from '../support/sample-workflows.ts';
import { testApp, type TestApp } from './apps.ts';

describe('A15 a method that a path does not take', () => {
  let kit: TestApp;
  beforeAll(async () => {
    kit = await testApp({ workflows: [new PlanOrder({})] });
  });
  afterAll(() => kit[Symbol.asyncDispose]());

  test.each([
    ['GET', '/update', 'POST'],
    ['PUT', '/query?query=ASK{}', 'GET, HEAD, POST'],
    ['DELETE', '/sparql', 'GET, HEAD, POST'],
    ['PATCH', '/store?default', 'DELETE, GET, HEAD, POST, PUT'],
    ['PATCH', '/store/people/1', 'DELETE, GET, HEAD, POST, PUT'],
    ['POST', '/changes', 'GET'],
    ['POST', '/.well-known/void', 'GET, HEAD'],
    ['POST', '/healthz', 'GET, HEAD'],
    ['DELETE', '/workflows/plan_order', 'GET, HEAD, POST'],
    ['OPTIONS', '/query', 'GET, HEAD, POST'],
  ] as const)('%s %s is told which are taken', async (method, url, allow) => {
    const answer = await kit.app.inject({ method, url });
    expect([answer.statusCode, answer.headers.allow]).toEqual([405, allow]);
    expect(answer.json()).toMatchObject({ code: 'method_not_allowed', status: 405 });
    expect(answer.json().detail).toContain(allow);
  });

  test('is none where there is no such path', async () => {
    for (const url of [
      '/nowhere',
      '/storehouse',
      '/xwell-known/void',
      '/query/x',
      '/',
      '/%2e%2e',
    ]) {
      const answer = await kit.app.inject({ method: 'DELETE', url });
      expect([answer.statusCode, answer.headers.allow]).toEqual([404, undefined]);
    }
  });
});

describe('the description of a server with a key', () => {
  const apiKey = 'correct-horse-battery';
  let kit: TestApp;
  beforeAll(async () => {
    kit = await testApp({ apiKey });
  });
  afterAll(() => kit[Symbol.asyncDispose]());

  test('A13 is read in a plain browser, which is asked for the key by the page', async () => {
    const page = await kit.app.inject('/docs');
    expect(page.statusCode).toBe(200);
    const sources = [...page.body.matchAll(/<script[^>]*src="([^"]+)"/g)].map(
      ([, source]) => new URL(source!, 'http://h/docs').pathname,
    );
    for (const url of [...sources, '/docs/json', '/openapi.json'])
      expect((await kit.app.inject(url)).statusCode, url).toBe(200);
    const { security, components, paths } = (await kit.app.inject('/openapi.json')).json();
    expect(security).toEqual([{ bearer: [] }]);
    expect(components.securitySchemes.bearer).toEqual({ type: 'http', scheme: 'bearer' });
    expect(paths['/healthz'].get.security).toEqual([]);
  });

  test.each([
    '/query?query=ASK{}',
    '/docs/../query?query=ASK{}',
    '/docs%2f..%2fquery?query=ASK{}',
    '//docs/query',
    '/store?default',
    '/changes',
    '/.well-known/void',
    '/sparql',
  ])('T24 opens nothing else: %s', async (url) => {
    const answer = await kit.app.inject(url);
    expect([401, 404]).toContain(answer.statusCode);
    expect(answer.body).not.toContain('boolean');
  });
});
