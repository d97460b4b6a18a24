import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { JsonClient, type JsonClientConfiguration } from '../../src/integrations/http.ts';
import { httpServer, json, type Answer } from './support/http-server.ts';

const quick = { retry: { attempts: 1 } };

/** What a client gets from a server that answers so, and how long that took. */
async function outcomeOf(
  answer: Answer,
  configuration: Partial<JsonClientConfiguration> = quick,
  signal?: AbortSignal,
) {
  await using server = await httpServer(answer);
  const client = new JsonClient({ baseUrl: server.url, ...configuration });
  const start = performance.now();
  const outcome = await client.get({ path: ['thing'], signal }).catch((thrown: unknown) => thrown);
  return { outcome, ms: performance.now() - start, requests: server.requests };
}

const raw =
  (type: string, ...chunks: (string | Buffer)[]): Answer =>
  (_, response) => {
    response.writeHead(200, { 'content-type': type });
    for (const chunk of chunks) response.write(chunk);
    response.end();
  };

const refused = { code: 'integration_refused', retriable: false };
const failed = { code: 'integration_failed', retriable: true };

describe('A2 the HTTP client of integrations', () => {
  test('gets JSON below its base URL, with its token and query', async () => {
    let seen: unknown;
    await using server = await httpServer((request, response, number) => {
      seen = { ...request.headers };
      json({ ok: true })(request, response, number);
    });
    const client = new JsonClient({ baseUrl: `${server.url}/api/v2/`, token: 's3cret' });
    const query = { include: 'a,b', cursor: 'x&y=#', left: undefined };
    expect(await client.get({ path: ['customers', 'c 1'], query })).toEqual({ ok: true });
    expect(server.requests).toEqual(['/api/v2/customers/c%201?include=a%2Cb&cursor=x%26y%3D%23']);
    expect(seen).toMatchObject({ authorization: 'Bearer s3cret', accept: 'application/json' });
  });

  test.each(['../admin', 'x" . } ; DROP ALL #', 'a/b?c=d', '%2e%2e', '…', 'a\r\nb'])(
    'the id %j stays one path segment',
    async (id) => {
      await using server = await httpServer(json({}));
      await new JsonClient({ baseUrl: `${server.url}/api` }).get({ path: ['customers', id] });
      const [, base, folder, last, ...rest] = server.requests[0]!.split('/');
      expect([base, folder, decodeURIComponent(last!), rest]).toEqual(['api', 'customers', id, []]);
    },
  );

  test.each(['', '.', '..', '\ud800'])('the id %j, which no URL holds, is refused', async (id) => {
    await using server = await httpServer(json({}));
    const answer = new JsonClient({ baseUrl: server.url }).get({ path: ['customers', id] });
    await expect(answer).rejects.toMatchObject({ code: 'invalid_parameters' });
    expect(server.requests).toEqual([]);
  });

  test.each(['crm.example.org', 'file:///etc/passwd', 'http://a:b@crm.example.org', 'http://a/?b'])(
    'the base URL %s is refused at once',
    (baseUrl) => {
      expect(() => new JsonClient({ baseUrl })).toThrow(/base URL/);
    },
  );

  test('a token that would break the header is refused at once', () => {
    const configuration = { baseUrl: 'http://crm.example.org', token: 'a\r\nx-admin: 1' };
    expect(() => new JsonClient(configuration)).toThrow(/token/);
  });
});

describe('A15 failures of an HTTP system', () => {
  test('404 means that there is no such thing', async () => {
    expect((await outcomeOf(json({}, 404))).outcome).toBeUndefined();
  });

  test.each([400, 401, 403, 409, 422])('%i is a refusal, not tried again', async (status) => {
    const { outcome, requests } = await outcomeOf(json({}, status), { retry: { baseDelay: 1 } });
    expect(outcome).toMatchObject(refused);
    expect(requests).toHaveLength(1);
  });

  test.each([408, 429, 500, 502, 503, 504])('%i is a failure, tried again', async (status) => {
    const { outcome, requests } = await outcomeOf(json({}, status), { retry: { baseDelay: 1 } });
    expect(outcome).toMatchObject(failed);
    expect(requests).toHaveLength(3);
  });

  test('503 and then 200 succeeds, after the time that Retry-After names', async () => {
    const { outcome, ms } = await outcomeOf(
      (request, response, number) => {
        if (number > 1) return json({ number })(request, response, number);
        response.writeHead(503, { 'retry-after': '1' }).end();
      },
      { retry: { baseDelay: 1 } },
    );
    expect(outcome).toEqual({ number: 2 });
    expect(ms).toBeGreaterThanOrEqual(990);
  });

  test('a Retry-After beyond the bound is not waited for', async () => {
    const { outcome, requests } = await outcomeOf((_, response) => {
      response.writeHead(429, { 'retry-after': new Date(Date.now() + 3_600_000).toUTCString() });
      response.end();
    }, {});
    expect(outcome).toMatchObject(failed);
    expect(requests).toHaveLength(1);
  });

  test('a redirect is refused, and its target is not asked', async () => {
    await using target = await httpServer(json({ secret: true }));
    const { outcome } = await outcomeOf((_, response) => {
      response.writeHead(302, { location: `${target.url}/internal` }).end();
    });
    expect(outcome).toMatchObject(refused);
    expect(target.requests).toEqual([]);
  });

  test('nobody listening is a failure that names the reason', async () => {
    const server = await httpServer(json({}));
    await server.close();
    const client = new JsonClient({ baseUrl: server.url, ...quick });
    const error = await client.get({ path: ['thing'] }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject(failed);
    expect(String(error)).toContain('ECONNREFUSED');
  });

  test('a connection dropped before or within the answer is a failure', async () => {
    const before = await outcomeOf((request) => request.socket.destroy());
    expect(before.outcome).toMatchObject(failed);
    const within = await outcomeOf((_, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '100' });
      response.write('{"a":', () => response.destroy());
    });
    expect(within.outcome).toMatchObject(failed);
  });

  test.each<[string, Answer]>([
    ['text that is not JSON', raw('application/json', '{"a":1')],
    ['two values', raw('application/json', '{} {}')],
    ['nothing', raw('application/json')],
    ['half a million open brackets', raw('application/json', '['.repeat(500_000))],
    ['bytes that are not UTF-8', raw('application/json', Buffer.from([0x22, 0xc3, 0x28, 0x22]))],
    ['a page for people', raw('text/html', '<h1>Login</h1>')],
    ['another character set', raw('application/json; charset=iso-8859-1', '{}')],
    ['no content', (_, response) => void response.writeHead(204).end()],
  ])('an answer of %s is refused', async (_, answer) => {
    expect((await outcomeOf(answer)).outcome).toMatchObject(refused);
  });

  test('JSON under another name, or with its character set, is read', async () => {
    const named = raw('application/vnd.crm+json; charset=UTF-8', '{"a":', '"\u00e4"}');
    expect((await outcomeOf(named)).outcome).toEqual({ a: '\u00e4' });
  });
});

describe('T18 answers without end', () => {
  test('200 MB packed into 204 KB end at the limit', async () => {
    const { outcome, ms } = await outcomeOf((_, response) => void spaces(response, 200), {
      maxBytes: 1_000_000,
      ...quick,
    });
    expect(outcome).toMatchObject(refused);
    expect(String(outcome)).toContain('more than 1000000 bytes');
    expect(ms).toBeLessThan(5000);
  });

  test('an answer of exactly the limit is read', async () => {
    const { outcome } = await outcomeOf(raw('application/json', '"12345678"'), { maxBytes: 10 });
    expect(outcome).toBe('12345678');
  });

  test('a byte every 200 ms does not keep the call open', async () => {
    const { outcome, ms } = await outcomeOf(
      (_, response) => {
        response.writeHead(200, { 'content-type': 'application/json' });
        const drip = setInterval(() => response.write(' '), 200);
        response.on('close', () => clearInterval(drip));
      },
      { timeout: 700, ...quick },
    );
    expect(outcome).toMatchObject({ code: 'timeout', retriable: true });
    expect(ms).toBeGreaterThanOrEqual(690);
    expect(ms).toBeLessThan(1500);
  });

  test.each<[string, Answer]>([
    ['before its answer', () => {}],
    [
      'within its answer',
      (_, response) => {
        response.writeHead(200, { 'content-type': 'application/json' });
        response.write('{"a":');
      },
    ],
  ])('a server that stalls %s meets the deadline', async (_, answer) => {
    const { outcome, ms } = await outcomeOf(answer, { timeout: 200, ...quick });
    expect(outcome).toMatchObject({ code: 'timeout' });
    expect(ms).toBeLessThan(1000);
  });

  test('the caller can cancel at any moment, and nothing is tried again', async () => {
    const signal = AbortSignal.timeout(100);
    const { outcome, ms, requests } = await outcomeOf(
      () => {},
      { retry: { baseDelay: 1 } },
      signal,
    );
    expect(outcome).toMatchObject({ code: 'cancelled' });
    expect(ms).toBeLessThan(1000);
    expect(requests).toHaveLength(1);
    const late = await outcomeOf(json({}), {}, AbortSignal.abort());
    expect(late.outcome).toMatchObject({ code: 'cancelled' });
    expect(late.requests).toEqual([]);
  });
});

/** Packs megabytes of spaces into the answer for as long as the client reads. */
async function spaces(response: ServerResponse, megabytes: number) {
  response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' });
  const chunk = Buffer.alloc(1_000_000, ' ');
  const text = Array.from({ length: megabytes }, () => chunk);
  await pipeline(Readable.from(text), createGzip({ level: 9 }), response).catch(() => {});
}
