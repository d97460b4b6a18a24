import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** How a command ended. */
export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** The environment without what a developer's own machine may set for us. */
export const cleanEnvironment = (): NodeJS.ProcessEnv =>
  Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => !name.startsWith('GRAPHWRIGHT_') && name !== 'FORCE_COLOR',
    ),
  );

/** Starts the built command, as a person at a shell would. */
export function start(
  words: readonly string[],
  options: { cwd?: string; env?: Record<string, string> } = {},
) {
  const child = spawn('node', [join(process.cwd(), 'dist/cli/main.js'), ...words], {
    cwd: options.cwd,
    env: { ...cleanEnvironment(), ...options.env },
  });
  return { child, ended: collect(child) };
}

/** Runs the built command to its end. */
export function graphwright(
  words: readonly string[],
  options: Parameters<typeof start>[1] & { stdin?: string } = {},
): Promise<Ended> {
  const { child, ended } = start(words, options);
  child.stdin.end(options.stdin ?? '');
  return ended;
}

function collect(child: ChildProcess): Promise<Ended> {
  let stdout = '';
  let stderr = '';
  child.stdout?.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, stdout, stderr })));
}

/** A directory that is gone at the end of the block: `await using directory = await temporaryDirectory()`. */
export async function temporaryDirectory(): Promise<AsyncDisposable & { path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'graphwright-test-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}
