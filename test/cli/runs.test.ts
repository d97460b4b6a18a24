import { once } from 'node:events';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { RunRecord } from '../../src/workflows/runs/runs.ts';
import { graphwright, start, temporaryDirectory } from '../support/command.ts';

const env = { GRAPHWRIGHT_WORKFLOWS: resolve('test/cli/asking-workflows.mjs') };

let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
beforeEach(async () => {
  directory = await temporaryDirectory();
});
afterEach(() => directory[Symbol.asyncDispose]());

const runs = (...words: string[]) => graphwright(['runs', ...words], { cwd: directory.path, env });
const json = async (...words: string[]) => {
  const { stdout, stderr } = await runs(...words, '--json');
  expect(stderr).toBe('');
  return JSON.parse(stdout);
};

/** Starts a server of this data directory, and one run of it that waits. */
async function serve() {
  const { child, ended } = start(['serve', '--port', '0'], { cwd: directory.path, env });
  const [line] = (await once(child.stderr, 'data')) as [Buffer];
  const { url } = JSON.parse(line.toString()) as { url: string };
  const response = await fetch(`${url}/workflows/ask`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ question: 'Why?' }),
  });
  const { id } = (await response.json()) as RunRecord;
  while (((await (await fetch(`${url}/runs/${id}`)).json()) as RunRecord).status !== 'waiting')
    await sleep(20);
  const stop = async () => {
    child.kill('SIGTERM');
    await ended;
  };
  return { id, stop };
}

describe('A17 graphwright runs', () => {
  test('follows and steers the runs of the server that has the data', async () => {
    const { id, stop } = await serve();
    expect((await runs('list', '--status', 'waiting,failed')).stdout).toMatch(
      new RegExp(`${id} +ask +waiting +signal answer`),
    );
    const following = runs('follow', id);
    await sleep(1_500);
    expect(await runs('signal', id, 'answer', '{"because": 1}')).toMatchObject({ code: 0 });
    const { code, stdout } = await following;
    expect(code).toBe(0);
    expect(stdout).toMatch(/write_down completed after \d+ ms/);
    expect(stdout).toMatch(/completed$/m);
    expect(await json('show', id)).toMatchObject({
      status: 'completed',
      result: { answer: { because: 1 } },
    });
    const again = (await json('retry', id)) as RunRecord;
    expect(again.retryOf).toBe(id);
    expect(await json('cancel', again.id)).toMatchObject({ status: 'cancelled' });
    expect((await runs('delete', again.id)).code).toBe(0);
    await stop();
  });

  test('without a server reads the data itself, and carries out what is resumed', async () => {
    const { id, stop } = await serve();
    await runs('cancel', id);
    await stop();
    expect((await json('list')).items).toMatchObject([{ id, status: 'cancelled' }]);
    const { child, ended } = start(['runs', 'resume', id], { cwd: directory.path, env });
    for await (const chunk of child.stdout) if (String(chunk).includes('waiting')) break;
    child.kill('SIGINT');
    await ended;
    expect((await runs('list')).stdout).toMatch(/ask +waiting/);
  });

  test.each([
    [['show', 'nobody'], 4, 'not_found'],
    [['list', '--status', 'done'], 2, 'there are started, processing'],
    [['list', '--limit', 'many'], 2, 'invalid_parameters'],
    [['signal', 'nobody', 'answer', '{'], 2, 'not JSON'],
    [['list', '--url', 'http://127.0.0.1:1'], 6, 'does not answer'],
  ])('A15 refuses %j with exit code %d', async (words, code, message) => {
    const ended = await runs(...words);
    expect(ended).toMatchObject({ code, stdout: '' });
    expect(ended.stderr).toContain(message);
  });
});
