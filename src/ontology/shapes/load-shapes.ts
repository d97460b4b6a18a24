import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { GraphwrightError } from '../../errors.ts';
import { parseTurtle } from '../turtle.ts';
import { parseShapes } from './parse-shapes.ts';
import type { Shapes } from './shape.ts';

/**
 * Reads shapes from Turtle files, and of directories the .ttl files in them; all of them are one shapes
 * graph, so that one file may refer to another's shapes.
 * @throws GraphwrightError `invalid_data` naming the file and the mistake, `not_found` for a path that
 * cannot be read.
 */
export async function loadShapes(paths: readonly string[]): Promise<Shapes> {
  const files = (await Promise.all(paths.map(turtleFiles))).flat();
  const texts = await Promise.all(files.map(read));
  const quads = texts.flatMap((text, index) => parseTurtle(text, files[index]!, `shape${index}-`));
  return parseShapes(quads, files.join(', '));
}

async function turtleFiles(path: string): Promise<string[]> {
  try {
    const names = await readdir(path, { recursive: true });
    const files = names.filter((name) => name.endsWith('.ttl')).toSorted();
    return files.map((name) => join(path, name));
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOTDIR') return [path];
    throw unreadable(path, thrown);
  }
}

async function read(file: string): Promise<string> {
  const bytes = await readFile(file).catch((thrown: unknown) => {
    throw unreadable(file, thrown);
  });
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new GraphwrightError('invalid_data', `${file}: not UTF-8 text`, { cause });
  }
}

const unreadable = (path: string, cause: unknown) =>
  new GraphwrightError('not_found', `The shapes ${path} cannot be read`, { cause });
