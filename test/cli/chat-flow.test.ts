import { spawn } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { cleanEnvironment, graphwright, start, temporaryDirectory } from '../support/command.ts';

const order = `id: order
name: Order
steps:
  - id: size
    type: user_input
    prompt: Which size?
    input: { type: choice, options: [Small, Large] }
  - id: name
    type: user_input
    prompt: What is your name?
  - id: thanks
    type: agent_response
    prompt: Thank you, {name}, for the {size} one.
`;

let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
beforeAll(async () => {
  directory = await temporaryDirectory();
  await mkdir(join(directory.path, 'flows'));
  await writeFile(join(directory.path, 'flows', 'order.yaml'), order);
  await writeFile(join(directory.path, 'graphwright.config.yaml'), 'flows: flows\n');
});
afterAll(() => directory[Symbol.asyncDispose]());

const chat = (words: string[], stdin?: string) =>
  graphwright(['chat', ...words], { cwd: directory.path, stdin });

const goesOn = (stderr: string) => /--conversation (\S+)/.exec(stderr)![1]!;

describe('V2 graphwright chat --flow', () => {
  test('talks by the lines of standard input, asks again, and ends with the conversation', async () => {
    const { code, stdout, stderr } = await chat(['--flow', 'order'], 'Huge\n2\nAda\nnever said\n');
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: [
        'Which size?\n1. Small\n2. Large',
        'I could not read a size from that.\nAttempt 2 of 3: Which size?\n1. Small\n2. Large',
        'What is your name?',
        'Thank you, Ada, for the large one.\n',
      ].join('\n'),
    });
    expect(stderr).toMatch(/Goes on with --conversation \S+\nIt is completed\.\n/);
  });

  test('goes on later, with what was asked', async () => {
    const first = await chat(['--flow', 'order'], 'Small\n');
    expect(first.code).toBe(0);
    const id = goesOn(first.stderr);
    const second = await chat(['--conversation', id, '--json'], 'Ada\n');
    const [standing, turn] = second.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(standing).toMatchObject({ id, step: 'name', pending: { prompt: 'What is your name?' } });
    expect(turn).toMatchObject({ id, status: 'completed' });
    expect(second).toMatchObject({ code: 0, stderr: '' });
    const late = await chat(['--conversation', id, '--message', 'Hello']);
    expect(late).toMatchObject({ code: 5, stdout: '' });
    expect(late.stderr).toContain('error conflict');
  });

  test('/back takes an answer back, /status tells how far it is, /cancel ends it', async () => {
    const lines = 'Small\n/back\nLarge\n/status\n//slash\n';
    const talked = await chat(['--flow', 'order'], lines);
    expect(talked.stdout).toContain('Thank you, /slash, for the large one.');
    expect(talked.stderr).toContain('order: active, at name, 1 of 3 steps');
    const ended = await chat(['--flow', 'order'], '/cancel\nSmall\n');
    expect(ended).toMatchObject({ code: 0 });
    expect(ended.stderr).toContain('It is cancelled.');
    const wrong = await chat(['--flow', 'order'], '/bakc\n');
    expect(wrong.code).toBe(2);
    expect(wrong.stderr).toContain(
      'There is no command /bakc; there are /back, /cancel and /status',
    );
  });

  test('says what there is not', async () => {
    const flow = await chat(['--flow', 'ordr'], 'x\n');
    expect(flow).toMatchObject({ code: 4, stdout: '' });
    expect(flow.stderr).toContain('did you mean order?');
    expect(await chat(['--conversation', 'nobody'], 'x\n')).toMatchObject({ code: 4, stdout: '' });
  });

  test('asks the server that has the data, and tells at a terminal what was refused', async () => {
    const { child: serving, ended } = start(['serve', '--port', '0'], { cwd: directory.path });
    let log = '';
    serving.stderr.on('data', (chunk: Buffer) => (log += chunk.toString()));
    await vi.waitUntil(() => log.includes('"url"'), { timeout: 60_000 });
    const line = `node ${join(process.cwd(), 'dist/cli/main.js')} chat --flow order`;
    const child = spawn('script', ['-qefc', line, '/dev/null'], {
      cwd: directory.path,
      env: { ...cleanEnvironment(), TERM: 'dumb', NO_COLOR: '1' },
    });
    let shown = '';
    child.stdout.on('data', (chunk: Buffer) => (shown += chunk.toString()));
    const over = new Promise<number | null>((resolve) => child.once('close', resolve));
    const shows = (text: string) =>
      vi
        .waitUntil(() => shown.includes(text), { timeout: 60_000 })
        .catch(() => {
          throw new Error(`Not shown: ${text}\n${shown}`);
        });
    await shows('2. Large');
    await shows('Ctrl+D leaves it as it is');
    child.stdin.write('/what\r');
    await shows('There is no command /what');
    child.stdin.write('Small\r');
    await shows('What is your name?');
    child.stdin.write('\u0004');
    expect(await over).toBe(0);
    const rest = await chat(['--conversation', goesOn(shown), '--message', 'Ada']);
    expect(rest).toMatchObject({ code: 0, stdout: 'Thank you, Ada, for the small one.\n' });
    serving.kill('SIGTERM');
    await ended;
  }, 180_000);
}, 60_000);
