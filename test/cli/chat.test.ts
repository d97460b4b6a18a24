import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { chatServer, type ChatServer } from '../support/chat-server.ts';
import { cleanEnvironment, graphwright, start, temporaryDirectory } from '../support/command.ts';

const status = [{ tool: 'analyze_feedback_sentiment', args: { text: 'I love it' } }];

let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
beforeAll(async () => void (directory = await temporaryDirectory()));
afterAll(() => directory[Symbol.asyncDispose]());

/** How the command finds its model and its data. */
const settings = ({ url }: Pick<ChatServer, 'url'>) => ({
  GRAPHWRIGHT_AGENTS_MODEL: 'openai:gpt-test',
  GRAPHWRIGHT_AGENTS_API_KEY: 'sk-of-the-test',
  GRAPHWRIGHT_AGENTS_BASE_URL: url,
  GRAPHWRIGHT_DATA: join(directory.path, 'data'),
});

const chat = (server: Pick<ChatServer, 'url'>, words: string[], stdin?: string) =>
  graphwright(['chat', ...words], { env: settings(server), cwd: directory.path, stdin });

describe('A20 graphwright chat', () => {
  test('answers once, and goes on in the thread that it names', async () => {
    await using server = await chatServer(status, 'They are happy.', 'Yes.');
    const first = await chat(server, ['--message', 'How do they feel?']);
    expect(first).toMatchObject({ code: 0, stdout: 'They are happy.\n' });
    expect(first.stderr).toContain('analyze_feedback_sentiment {"text":"I love it"}');
    const [, threadId] = /--thread (\S+)/.exec(first.stderr)!;
    const second = await chat(server, ['--thread', threadId!, '--json'], 'Sure?\n');
    expect(second).toMatchObject({ code: 0, stderr: '' });
    expect(JSON.parse(second.stdout)).toMatchObject({ threadId, text: 'Yes.', finish: 'answered' });
    expect(server.requests[2]!.messages.map(({ role }) => role)).toEqual(
      'system user assistant tool assistant user'.split(' '),
    );
  });

  test('refuses without a model, with what to set, and with an unknown agent', async () => {
    const options = {
      cwd: directory.path,
      env: { GRAPHWRIGHT_DATA: join(directory.path, 'data') },
    };
    const bare = await graphwright(['chat', '--message', 'Hello'], options);
    expect(bare).toMatchObject({ code: 2, stdout: '' });
    expect(bare.stderr).toMatch(/error invalid_configuration: .*GRAPHWRIGHT_AGENTS_MODEL/);
    const wrong = await graphwright(['chat', '--agent', 'asistant', '--json'], options);
    expect(wrong).toMatchObject({ code: 4, stdout: '' });
    expect(JSON.parse(wrong.stderr)).toMatchObject({
      code: 'not_found',
      message: 'No agent asistant; did you mean assistant?',
    });
  });

  test('ends cleanly on Ctrl+C while it waits for an answer', async () => {
    await using server = await chatServer('never', 'Here again.');
    const { child, ended } = start(['chat', '--message', 'Hello'], {
      env: settings(server),
      cwd: directory.path,
    });
    await vi.waitUntil(() => server.requests.length === 1, { timeout: 60_000 });
    child.kill('SIGINT');
    const { code, stdout, stderr } = await ended;
    expect({ code, stdout }).toEqual({ code: 130, stdout: '' });
    expect(stderr).toBe('error cancelled: Interrupted\n');
    // The data directory is free, and whole.
    expect(await chat(server, ['--message', 'Hello'])).toMatchObject({ code: 0 });
  });

  test('at a terminal goes on until Ctrl+D, and Ctrl+C ends an answer only', async () => {
    await using server = await chatServer('First \u001b[2Janswer.', 'never', 'Third answer.');
    const line = `node ${join(process.cwd(), 'dist/cli/main.js')} chat --agent graph_analyst`;
    const child = spawn('script', ['-qefc', line, '/dev/null'], {
      cwd: directory.path,
      env: { ...cleanEnvironment(), ...settings(server), TERM: 'dumb', NO_COLOR: '1' },
    });
    let shown = '';
    child.stdout.on('data', (chunk: Buffer) => (shown += chunk.toString()));
    const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
    const shows = (text: string) =>
      vi
        .waitUntil(() => shown.includes(text), { timeout: 60_000 })
        .catch(() => {
          throw new Error(`Not shown: ${text}\n${shown}`);
        });
    await shows('You talk with graph_analyst');
    child.stdin.write('one\r');
    await shows('First [2Janswer.');
    child.stdin.write('two\r');
    await vi.waitUntil(() => server.requests.length === 2, { timeout: 60_000 });
    child.stdin.write('\u0003');
    await shows('error cancelled: Interrupted');
    child.stdin.write('three\r');
    await shows('Third answer.');
    child.stdin.write('\u0004');
    expect(await ended).toBe(0);
    // What was broken off is not remembered.
    const said = server.requests[2]!.messages.map(({ content }) => content);
    expect(said.slice(1)).toEqual(['one', 'First \u001b[2Janswer.', 'three']);
  }, 180_000);
});
