import { setMaxListeners } from 'node:events';
import { readFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import type { Configuration } from '../configuration-schema.ts';
import { loadConfiguration } from '../configuration.ts';
import { GraphwrightError } from '../errors.ts';
import type { Agent } from '../ontology/attribution.ts';
import { showError } from './show-error.ts';

/** The flags that every command takes. */
export interface CommonFlags {
  data?: string;
  config?: string;
  json?: boolean;
  quiet?: boolean;
}

/** The configuration with the command's own flags on top. */
export const configurationOf = (
  { data, config }: CommonFlags,
  flags: Record<string, unknown> = {},
): Configuration => loadConfiguration({ file: config, flags: { data, ...flags } }).configuration;

/** Runs a command to its exit code: what it threw is told on standard error, in words or as JSON. */
export async function conclude({ json }: CommonFlags, command: () => Promise<void>): Promise<void> {
  process.stdout.on('error', endOfReader);
  try {
    await command();
  } catch (thrown) {
    const error = GraphwrightError.from(thrown);
    showError(error, json);
    process.exitCode = error.exit;
  }
}

/** Who reads our results may stop early, as `head` does; that is no failure of ours. */
function endOfReader(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
}

/** A signal that aborts when the person at the terminal presses Ctrl+C; a second one ends the process. */
export function interruption(): AbortSignal {
  const stop = new AbortController();
  // Each of many calls at once listens to it, which is no leak.
  setMaxListeners(0, stop.signal);
  process.once('SIGINT', () => stop.abort(new GraphwrightError('cancelled', 'Interrupted')));
  return stop.signal;
}

/** The person at the terminal, as the system knows them. */
export function commandAgent(): Agent {
  try {
    return { surface: 'command', name: userInfo().username };
  } catch {
    // Not silent: a user whom the system has no name for stays unnamed.
    return { surface: 'command' };
  }
}

/** Shows the outside systems' trouble that did not stop the work. */
export const warnOn =
  ({ quiet }: CommonFlags) =>
  (error: GraphwrightError): void => {
    if (!quiet) process.stderr.write(`warning ${error.code}: ${error.message}\n`);
  };

/** All of standard input. */
export async function readStdin(): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  return decode(Buffer.concat(chunks), 'standard input');
}

/** A file that was named by `--file`. */
export async function readText(path: string): Promise<string> {
  return decode(await read(path), path);
}

async function read(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw new GraphwrightError('invalid_parameters', `--file: ${path} cannot be read`, { cause });
  }
}

/** Other encodings would be stored as question marks without a word. */
function decode(bytes: Uint8Array, name: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new GraphwrightError('invalid_parameters', `${name} is not UTF-8 text`, { cause });
  }
}
