import { once } from 'node:events';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { temporaryDirectory } from '../support/command.ts';
import { compileLibrary } from './compiler.ts';
import { serve } from './server-process.ts';

describe('a server whose disk fails it', () => {
  let libraries: Awaited<ReturnType<typeof temporaryDirectory>>;
  let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
  let server: Awaited<ReturnType<typeof serve>>;
  /** The disk is full, or fails to sync, while a file of this name exists. */
  let fault: string;
  const data = () => join(directory.path, 'data');

  beforeAll(async () => {
    libraries = await temporaryDirectory();
    await compileLibrary('test/faults/power-cut/trace.c', join(libraries.path, 'trace.so'));
  });
  afterAll(() => libraries[Symbol.asyncDispose]());
  beforeEach(async () => {
    directory = await temporaryDirectory();
    fault = join(directory.path, 'fault');
  });
  afterEach(async () => {
    server.child.kill('SIGKILL');
    await directory[Symbol.asyncDispose]();
  });

  const start = (faults: Record<string, string>) =>
    serve(data(), {
      LD_PRELOAD: join(libraries.path, 'trace.so'),
      TRACE_DIRECTORY: data(),
      ...faults,
    });

  const insert = (value: string) =>
    fetch(`${server.url}/sparql`, {
      method: 'POST',
      headers: { 'content-type': 'application/sparql-update' },
      body: `INSERT DATA { GRAPH <x:disk> { <x:s> <x:p> "${value}" } }`,
    });

  async function values(): Promise<string[]> {
    const query = encodeURIComponent('SELECT ?o { GRAPH <x:disk> { ?s ?p ?o } } ORDER BY ?o');
    const answer = await fetch(`${server.url}/sparql?query=${query}`, {
      headers: { accept: 'text/csv' },
    });
    return (await answer.text()).trim().split(/\r?\n/).slice(1);
  }

  async function stop() {
    server.child.kill('SIGTERM');
    await once(server.child, 'close');
    return server.child.exitCode;
  }

  test('A10 for want of room answers 507 and goes on reading, and writes again when there is room', async () => {
    server = await start({ FULL_WHEN: fault });
    expect((await insert('before')).status).toBe(204);
    await writeFile(fault, '');
    for (const value of ['full', 'still full']) {
      const refused = await insert(value);
      expect(refused.status).toBe(507);
      expect(await refused.json()).toMatchObject({ code: 'store_full', status: 507 });
    }
    expect(await values()).toEqual(['before']);
    await rm(fault);
    expect((await insert('room again')).status).toBe(204);
    expect(await values()).toEqual(['before', 'room again']);
    expect(await stop()).toBe(0);
    server = await start({});
    expect(await values()).toEqual(['before', 'room again']);
  }, 60_000);

  test('A10 after a sync that failed reads on and writes no more, even when syncs work again', async () => {
    server = await start({ FAIL_SYNCS_WHEN: fault });
    expect((await insert('before')).status).toBe(204);
    await writeFile(fault, '');
    const failed = await insert('failed');
    expect(failed.status).toBe(503);
    await rm(fault);
    const refused = await insert('after');
    expect(refused.status).toBe(503);
    expect(await refused.json()).toMatchObject({
      code: 'unavailable',
      detail: expect.stringContaining('failed to sync'),
    });
    expect(await values()).toEqual(['before']);
    await stop();
    server = await start({});
    expect((await values()).filter((value) => value !== 'failed')).toEqual(['before']);
    expect((await insert('restarted')).status).toBe(204);
  }, 60_000);
});
