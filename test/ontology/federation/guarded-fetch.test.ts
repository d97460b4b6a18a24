import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { guardedFetch } from '../../../src/ontology/federation/guarded-fetch.ts';
import { httpServer } from '../../integrations/support/http-server.ts';

/** A fetch that may speak to these hosts, and to some of them at private addresses. */
const guarded = (urls: readonly string[], privateUrls: readonly string[] = []) =>
  guardedFetch({
    hosts: new Set(urls.map((url) => new URL(url).host)),
    privateHosts: new Set(privateUrls.map((url) => new URL(url).host)),
    maxBytes: 1000,
    signal: AbortSignal.timeout(5000),
  });

const forbidden = expect.objectContaining({ code: 'forbidden' });

/** A port, at every address of this machine, that counts who comes by. */
async function listener() {
  let connections = 0;
  const server = createServer((socket) => {
    connections += 1;
    socket.destroy();
  }).listen(0);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const close = async () => void server.close();
  return { port, count: () => connections, [Symbol.asyncDispose]: close };
}

describe('T17 addresses that are not public', () => {
  test.each([
    '127.0.0.1',
    '2130706433',
    '0x7f.1',
    '[::1]',
    '[::ffff:a9fe:a9fe]',
    '[::ffff:127.0.0.1]',
    '①②⑦.⓪.⓪.①',
    '100.64.0.1',
    '169.254.169.254',
    '10.0.0.1',
    '172.16.0.1',
    '192.168.1.1',
    '0.0.0.0',
    '255.255.255.255',
    '[64:ff9b::7f00:1]',
    '[fd00::1]',
    '[fe80::1]',
    'localhost',
  ])('T17 %s is refused, and no socket opened', async (host) => {
    await using port = await listener();
    const url = `http://${host}:${port.port}/sparql`;
    await expect(guarded([url])(url)).rejects.toEqual(forbidden);
    expect(port.count()).toBe(0);
  });

  test('T17 a public address would do', async () => {
    const url = 'http://93.184.215.14/';
    // Ended before it connects: what is asked is only whether the address would do.
    const signal = AbortSignal.abort();
    await expect(guarded([url])(url, { signal })).rejects.toMatchObject({ name: 'AbortError' });
  });

  test.each([301, 302, 303, 307, 308])(
    'T17 a %i to an unlisted place is not followed',
    async (status) => {
      await using port = await listener();
      await using away = await httpServer((_, response) => {
        response.writeHead(status, { location: `http://127.0.0.1:${port.port}/` }).end();
      });
      await expect(guarded([away.url], [away.url])(away.url)).rejects.toEqual(forbidden);
      expect(port.count()).toBe(0);
    },
  );

  test('T17 a redirect to a listed name is checked again', async () => {
    await using port = await listener();
    const target = `http://localhost:${port.port}/`;
    await using away = await httpServer((_, response) => {
      response.writeHead(307, { location: target }).end();
    });
    await expect(guarded([away.url, target], [away.url])(away.url)).rejects.toEqual(forbidden);
    expect(port.count()).toBe(0);
  });

  test('a redirect within the same host is followed, a few times', async () => {
    await using away = await httpServer((request, response) => {
      if (request.url === '/there') response.end('found');
      else response.writeHead(307, { location: request.url === '/' ? '/there' : '/loop' }).end();
    });
    const fetch = guarded([away.url], [away.url]);
    expect(await (await fetch(`${away.url}/`)).text()).toBe('found');
    await expect(fetch(`${away.url}/loop`)).rejects.toThrow('more than 3 times');
  });

  test.each(['ftp://example.org/', 'http://unlisted.example.org/', 'http://example.org:81/'])(
    'T17 %s is refused',
    async (url) => {
      await expect(guarded(['http://example.org/'])(url)).rejects.toEqual(forbidden);
    },
  );
});

describe('T18 what an endpoint answers', () => {
  test('T18 ends at the limit', async () => {
    await using away = await httpServer((_, response) => void response.end('x'.repeat(1001)));
    const answer = await guarded([away.url], [away.url])(away.url);
    await expect(answer.text()).rejects.toMatchObject({ code: 'too_large' });
  });

  test('T18 is refused when it comes packed, as that was not asked for', async () => {
    await using away = await httpServer((request, response) => {
      expect(request.headers['accept-encoding']).toBe('identity');
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('x'.repeat(10_000)));
    });
    await expect(guarded([away.url], [away.url])(away.url)).rejects.toEqual(forbidden);
  });

  test('carries method, body and headers to the endpoint, and status and headers back', async () => {
    await using away = await httpServer((request, response) => {
      request.setEncoding('utf8').on('data', (body: string) => {
        response.writeHead(418, { 'x-echo': `${request.method} ${request.headers['x-say']}` });
        response.end(body);
      });
    });
    const headers = { 'x-say': 'hello' };
    const answer = await guarded([away.url], [away.url])(away.url, {
      method: 'POST',
      headers,
      body: 'text',
    });
    expect([answer.status, answer.headers.get('x-echo'), await answer.text()]).toEqual([
      418,
      'POST hello',
      'text',
    ]);
  });
});
