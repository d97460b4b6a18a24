import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Approval } from '../../src/workflows/approval/approvals.ts';
import type { RunRecord } from '../../src/workflows/runs/runs.ts';
import { graphwright, start, temporaryDirectory } from '../support/command.ts';

const env = {
  GRAPHWRIGHT_WORKFLOWS: resolve('test/cli/sending-workflows.mjs'),
  GRAPHWRIGHT_APPROVAL_POLICY: 'always',
};

let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
beforeEach(async () => {
  directory = await temporaryDirectory();
});
afterEach(() => directory[Symbol.asyncDispose]());

const command = (...words: string[]) => graphwright(words, { cwd: directory.path, env });
const sent = () => readFile(`${directory.path}/sent.txt`, 'utf8').catch(() => '');

async function ask(text: string): Promise<string> {
  const { code, stderr, stdout } = await command('run', 'send_note', '--text', text, '--json');
  expect({ code, stdout }).toEqual({ code: 8, stdout: '' });
  const { details } = JSON.parse(stderr) as { details: { run: RunRecord } };
  return details.run.id;
}

async function serve() {
  const { child, ended } = start(['serve', '--port', '0'], { cwd: directory.path, env });
  const [line] = (await once(child.stderr, 'data')) as [Buffer];
  const { url } = JSON.parse(line.toString()) as { url: string };
  const stop = async (signal: NodeJS.Signals) => {
    child.kill(signal);
    await ended;
  };
  return { url, stop };
}

describe('N8 graphwright approvals', { timeout: 60_000 }, () => {
  test('run says that it waits and how to go on; approve carries it out here', async () => {
    const waiting = await command('run', 'send_note', '--text', 'one');
    expect(waiting.code).toBe(8);
    expect(waiting.stderr).toMatch(/^error approval_required: send_note was not carried out yet/);
    const [, id = ''] = /graphwright approvals show (\S+), then approve/.exec(waiting.stderr) ?? [];
    expect(await sent()).toBe('');
    const list = await command('approvals', 'list');
    expect(list.stdout).toMatch(new RegExp(`${id} +send_note +pending`));
    const shown = await command('approvals', 'show', id);
    expect(shown.stdout).toContain('"text": "one"');
    const approved = await command('approvals', 'approve', id, '--reason', 'fine');
    expect(approved).toMatchObject({ code: 0, stdout: expect.stringContaining('completed') });
    expect(await sent()).toBe('one\n');
    expect(await command('approvals', 'reject', id)).toMatchObject({ code: 5 });
  });

  test('edit carries out something else, reject nothing', async () => {
    const edited = await ask('two');
    expect(await command('approvals', 'edit', edited, '{"text":""}')).toMatchObject({ code: 2 });
    expect(await command('approvals', 'edit', edited, '{"text":"2"}', '--json')).toMatchObject({
      code: 0,
    });
    const rejected = await ask('three');
    expect(await command('approvals', 'reject', rejected)).toMatchObject({ code: 0 });
    expect(await command('approvals', 'show', 'nobody')).toMatchObject({ code: 4 });
    expect(await sent()).toBe('2\n');
    const { stdout } = await command('approvals', 'list', '--all', '--json');
    const { items } = JSON.parse(stdout) as { items: Approval[] };
    expect(items.map(({ id, status }) => [id, status])).toEqual([
      [rejected, 'rejected'],
      [edited, 'edited'],
    ]);
  });

  test('what waits in a server outlives its crash, and is decided through the next one', async () => {
    const first = await serve();
    const response = await fetch(`${first.url}/workflows/send_note`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', prefer: 'wait=30' },
      body: JSON.stringify({ text: 'four' }),
    });
    expect(response.status).toBe(202);
    const { id } = (await response.json()) as RunRecord;
    await first.stop('SIGKILL');
    const second = await serve();
    const approved = await command('approvals', 'approve', id, '--json');
    expect(JSON.parse(approved.stdout)).toMatchObject({ id, status: 'approved' });
    const following = await command('runs', 'follow', id, '--quiet');
    expect(following.code).toBe(0);
    expect(await sent()).toBe('four\n');
    await second.stop('SIGTERM');
  });
});
