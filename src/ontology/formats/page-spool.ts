import { randomUUID } from 'node:crypto';
import { open, unlink, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import { GraphwrightError } from '../../errors.ts';
import type { BulkPage } from '../embedded/bulk-page.ts';

/** So many pages stay in memory. */
const inMemory = 2;

/**
 * Keeps the pages of a document until all of it has been read, so that whoever writes them waits for nobody:
 * the first ones in memory, the others in a file that has no name and goes with the process.
 */
export class PageSpool implements AsyncDisposable {
  readonly #directory: string;
  #first: BulkPage[] = [];
  #file?: FileHandle;
  /** How long each page is in the file, in bytes. */
  #lengths: number[] = [];
  #statements = 0;

  /** @param directory Where the file is made. */
  constructor(directory: string) {
    this.#directory = directory;
  }

  /** How many pages there are. */
  get length(): number {
    return this.#first.length + this.#lengths.length;
  }

  /** How many statements are on them. */
  get statements(): number {
    return this.#statements;
  }

  /** @throws GraphwrightError `store_full` when the disk is. */
  async add(page: BulkPage): Promise<void> {
    this.#statements += page.count;
    if (this.#first.length < inMemory) return void this.#first.push(page);
    const bytes = serialize(page);
    try {
      this.#file ??= await nameless(this.#directory);
      await this.#file.appendFile(bytes);
    } catch (cause) {
      const full = ['ENOSPC', 'EDQUOT'].includes((cause as NodeJS.ErrnoException).code!);
      throw new GraphwrightError(
        full ? 'store_full' : 'unavailable',
        `What is uploaded cannot be kept in ${this.#directory}: ${(cause as Error).message}`,
        { cause },
      );
    }
    this.#lengths.push(bytes.length);
  }

  /** The pages in the order in which they came. */
  async *pages(): AsyncGenerator<BulkPage> {
    yield* this.#first;
    let at = 0;
    for (const length of this.#lengths) {
      const bytes = Buffer.allocUnsafeSlow(length);
      await this.#file!.read(bytes, 0, length, at);
      at += length;
      yield ownArrays(deserialize(bytes) as BulkPage);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#first = [];
    await this.#file?.close();
  }
}

/** Opens a file and takes its name away, so that nothing of it is left behind. */
async function nameless(directory: string): Promise<FileHandle> {
  const path = join(directory, `upload-${randomUUID()}`);
  const file = await open(path, 'ax+', 0o600);
  await unlink(path);
  return file;
}

/** A view into the bytes of the whole page would take all of these along to another thread. */
const ownArrays = ({ hashes, written, ...page }: BulkPage): BulkPage => ({
  ...page,
  hashes: hashes.slice(),
  written: { ...written, places: written.places.slice() },
});
