import { readFile } from 'node:fs/promises';
import { loadConfiguration, type Configuration } from '../configuration.ts';
import { GraphwrightError } from '../errors.ts';
import { painter, showsColours } from './painter.ts';

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
  try {
    await command();
  } catch (thrown) {
    const error = GraphwrightError.from(thrown);
    process.stderr.write(json ? `${JSON.stringify(error)}\n` : inWords(error));
    process.exitCode = error.exit;
  }
}

function inWords(error: GraphwrightError): string {
  const paint = painter(showsColours(process.stderr));
  const details = error.problems.filter(({ detail }) => !error.message.includes(detail));
  const lines = details.map(({ pointer, detail }) => `  ${pointer}: ${detail}`);
  const trace =
    error.kind === 'unexpected' && error.cause instanceof Error
      ? [paint.dim(error.cause.stack ?? '')]
      : [];
  return [`${paint.red(`error ${error.code}`)}: ${error.message}`, ...lines, ...trace, ''].join(
    '\n',
  );
}

/** A signal that aborts when the person at the terminal presses Ctrl+C; a second one ends the process. */
export function interruption(): AbortSignal {
  const stop = new AbortController();
  process.once('SIGINT', () => stop.abort(new GraphwrightError('cancelled', 'Interrupted')));
  return stop.signal;
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
  return Buffer.concat(chunks).toString('utf8');
}

/** A file that was named by `--file`. */
export async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw new GraphwrightError('invalid_parameters', `--file: ${path} cannot be read`, { cause });
  }
}
