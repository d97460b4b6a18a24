import { mkdir, open, readFile, rename, type FileHandle } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { crc32 } from 'node:zlib';
import { GraphwrightError } from '../../../../errors.ts';

/** A line of a file, and where it is, in bytes. */
export interface Line {
  readonly value: unknown;
  readonly start: number;
  readonly length: number;
}

/** A value as one line of JSON with its CRC-32. */
export const lineOf = (value: unknown): Buffer => Buffer.from(checked(JSON.stringify(value)));

/**
 * Appends a line to a file of `at` bytes, and resolves once it is on disk.
 * @throws GraphwrightError `store_full`; then the file is as it was.
 */
export async function appendLine(path: string, line: Buffer, at: number): Promise<void> {
  const file = await open(path, 'a');
  try {
    await file.writeFile(line);
    await file.datasync();
  } catch (thrown) {
    // What was written of it must not stay in the way of the next line.
    await file.truncate(at).catch(() => undefined);
    throw failure(path, thrown);
  } finally {
    await file.close();
  }
  // A new name is on disk only with its directory.
  if (at === 0) await syncDirectory(dirname(path));
}

/**
 * Reads the lines of a file. One that was cut off at the end, since the process died while writing, was never
 * acknowledged: it is dropped, also from the file.
 * @throws GraphwrightError `store_damaged` for any other line that is not as it was written.
 */
export async function readLines(path: string): Promise<Line[]> {
  const bytes = await readFile(path);
  const lines: Line[] = [];
  for (let start = 0; start < bytes.length;) {
    const end = bytes.indexOf(0x0a, start);
    if (end < 0) {
      await cutOff(path, start);
      break;
    }
    const value = parsed(bytes.toString('utf8', start, end));
    if (value === undefined) throw damaged(path, lines.length + 1);
    lines.push({ value, start, length: end + 1 - start });
    start = end + 1;
  }
  return lines;
}

/**
 * Puts a file of these lines in the place of the old one, whole or not at all.
 * @returns Its length in bytes.
 */
export async function replaceLines(path: string, values: readonly unknown[]): Promise<number> {
  const bytes = Buffer.concat(values.map(lineOf));
  const beside = `${path}.new`;
  const file = await open(beside, 'w');
  try {
    await file.writeFile(bytes);
    await file.sync();
  } catch (thrown) {
    throw failure(path, thrown);
  } finally {
    await file.close();
  }
  await rename(beside, path);
  await syncDirectory(dirname(path));
  return bytes.length;
}

/** Reads lines by their places. */
export async function readAt(
  path: string,
  places: readonly Pick<Line, 'start' | 'length'>[],
): Promise<unknown[]> {
  if (places.length === 0) return [];
  const file = await open(path, 'r');
  try {
    const values: unknown[] = [];
    for (const place of places) values.push(await valueAt(file, path, place));
    return values;
  } finally {
    await file.close();
  }
}

/** Makes a directory and what is missing above it, and resolves once all of them are on disk. */
export async function makeDirectory(path: string): Promise<void> {
  const first = await mkdir(path, { recursive: true });
  if (first === undefined) return;
  const above = dirname(resolve(first));
  for (let made = resolve(path); made !== above; made = dirname(made))
    await syncDirectory(dirname(made));
}

/** Makes what happened to the names in a directory durable. */
export async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

/** What a system call said, as the error that callers know. */
function failure(path: string, thrown: unknown): GraphwrightError {
  const { code, message } = thrown as NodeJS.ErrnoException;
  const full = code === 'ENOSPC' || code === 'EDQUOT' || code === 'EFBIG';
  if (!full) return GraphwrightError.from(thrown);
  return new GraphwrightError('store_full', `${path} cannot be written: ${message}`, {
    cause: thrown,
  });
}

async function valueAt(file: FileHandle, path: string, { start, length }: Omit<Line, 'value'>) {
  const buffer = Buffer.alloc(length - 1);
  await file.read(buffer, 0, buffer.length, start);
  const value = parsed(buffer.toString());
  if (value === undefined) throw damaged(path, undefined, start);
  return value;
}

async function cutOff(path: string, length: number): Promise<void> {
  const file = await open(path, 'r+');
  try {
    await file.truncate(length);
    await file.sync();
  } finally {
    await file.close();
  }
}

const sum = (text: string) => crc32(text).toString(16).padStart(8, '0');
const checked = (text: string) => `{"crc32":"${sum(text)}","record":${text}}\n`;
const form = /^\{"crc32":"([0-9a-f]{8})","record":(.*)\}$/s;

function parsed(line: string): unknown {
  const [, given, text = ''] = form.exec(line) ?? [];
  return given === sum(text) ? JSON.parse(text) : undefined;
}

const damaged = (path: string, line: number | undefined, start = 0) =>
  new GraphwrightError(
    'store_damaged',
    line === undefined
      ? `${path} is damaged at byte ${start}: the line is not as it was written`
      : `${path}:${line} is damaged: the line is not as it was written; restore the file from a backup`,
  );
