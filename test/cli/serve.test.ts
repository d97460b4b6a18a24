import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { graphwright, start, temporaryDirectory } from '../support/command.ts';

let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
beforeAll(async () => {
  directory = await temporaryDirectory();
});
afterAll(() => directory[Symbol.asyncDispose]());

/** Starts a server, and waits for the line that says where it listens. */
async function serve(env: Record<string, string> = {}) {
  const { child, ended } = start(['serve', '--port', '0'], { cwd: directory.path, env });
  const [line] = (await once(child.stderr, 'data')) as [Buffer];
  const { url, docs } = JSON.parse(line.toString()) as { url: string; docs: string };
  return { child, ended, url, docs };
}

describe('graphwright serve', () => {
  test('A13 answers a feedback at once, and a status later', async () => {
    const { child, ended, url, docs } = await serve();
    expect(docs).toBe(`${url}/docs`);
    expect((await fetch(docs)).status).toBe(200);
    const accepted = await fetch(`${url}/workflows/customer-feedback`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        feedbackId: 'f-1',
        customerId: 'nobody',
        subject: 'x',
        feedbackText: 'Good.',
      }),
    });
    expect(accepted.status).toBe(202);
    expect((await fetch(`${url}/workflows/customer-feedback/f-9`)).status).toBe(404);
    expect((await fetch(`${url}${accepted.headers.get('location')}`)).status).toBe(200);
    const busy = await graphwright(['query', 'ASK {}'], { cwd: directory.path });
    expect(busy).toMatchObject({ code: 6, stdout: '' });
    expect(busy.stderr).toMatch(/^error data_in_use: /);
    child.kill('SIGTERM');
    expect(await ended).toMatchObject({ code: 0, stdout: '' });
    await expect(fetch(`${url}/healthz`)).rejects.toThrow('fetch failed');
  });

  test('T24 asks for the configured key, and stops on SIGINT', async () => {
    const apiKey = 'correct-horse-battery';
    const { child, ended, url } = await serve({ GRAPHWRIGHT_SERVER_API_KEY: apiKey });
    expect((await fetch(`${url}/workflows`)).status).toBe(401);
    const headers = { authorization: `Bearer ${apiKey}` };
    expect((await fetch(`${url}/workflows`, { headers })).status).toBe(200);
    child.kill('SIGINT');
    const { code, stderr } = await ended;
    expect(code).toBe(0);
    expect(stderr).not.toContain(apiKey);
  });

  test('refuses to listen to others without a key, and opens nothing', async () => {
    const { code, stderr } = await graphwright(['serve', '--host', '0.0.0.0', '--port', '0'], {
      cwd: directory.path,
    });
    expect(code).toBe(2);
    expect(stderr).toMatch(/^error invalid_configuration: .*GRAPHWRIGHT_SERVER_API_KEY/);
  });

  test('lets go of the data when its port is taken', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;
    const { code, stderr } = await graphwright(['serve', '--port', String(port)], {
      cwd: directory.path,
    });
    taken.close();
    expect(code).toBe(6);
    expect(stderr).toMatch(new RegExp(`^error unavailable: .*${port}.*--port`));
  });

  test.each(['70000', 'http', '-1'])('refuses the port %s', async (port) => {
    const { code, stderr } = await graphwright(['serve', `--port=${port}`], {
      cwd: directory.path,
    });
    expect(code).toBe(2);
    expect(stderr).toMatch(/^error invalid_configuration: server\.port \(from flag\)/);
  });
});
