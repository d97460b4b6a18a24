import { basename } from 'node:path';

/** A number from 0 up to, but not, 1. */
export type Random = () => number;

type Change = { offset: number; data: Buffer } | { length: number };

interface File {
  /** What a power cut leaves. */
  synced: Buffer;
  /** What the system may or may not have brought to the disk by then. */
  unsynced: Change[];
}

const sector = 512;
const kinds = ['', 'opened', 'written', 'truncated', 'synced', 'removed', 'renamed'] as const;

/**
 * A directory on a disk that loses what was not synced. It is told what a process did by the trace of
 * `trace.c`, and knows a file of which the directory was not synced by its old name or not at all.
 */
export class Disk {
  readonly #directory: string;
  readonly #opened = new Map<number, File | 'directory'>();
  /** Names as the process sees them. */
  #names = new Map<string, File>();
  #syncedNames: Map<string, File>;
  #unsyncedNames: Map<string, File>[] = [];
  readonly #heedSyncs: boolean;

  /** @param heedSyncs False for a disk on which a sync does nothing. */
  constructor(directory: string, files: Readonly<Record<string, Buffer>>, heedSyncs = true) {
    this.#directory = directory;
    this.#heedSyncs = heedSyncs;
    for (const [name, synced] of Object.entries(files))
      this.#names.set(name, { synced, unsynced: [] });
    this.#syncedNames = new Map(this.#names);
  }

  /** Does what the trace tells; its last entry may be torn, as its process was killed. */
  follow(trace: Buffer): void {
    for (let at = 0; at + 24 <= trace.length;) {
      const length = Number(trace.readBigInt64LE(at + 16));
      const end = at + 24 + length;
      if (end > trace.length) return;
      const offset = Number(trace.readBigInt64LE(at + 8));
      const kind = kinds[trace.readInt32LE(at)];
      this.#do(kind, trace.readInt32LE(at + 4), { offset, data: trace.subarray(at + 24, end) });
      at = end;
    }
  }

  /** The files after a power cut: what was synced, and at random some of what was not. */
  cut(random: Random): Record<string, Buffer> {
    const steps = [this.#syncedNames, ...this.#unsyncedNames];
    const names = steps[Math.floor(random() * steps.length)]!;
    return Object.fromEntries([...names].map(([name, file]) => [name, left(file, random)]));
  }

  #do(kind: (typeof kinds)[number] | undefined, descriptor: number, change: Written): void {
    const file = this.#opened.get(descriptor);
    const text = change.data.toString();
    if (kind === 'opened') this.#open(descriptor, text);
    else if (kind === 'removed') this.#rename((names) => names.delete(basename(text)));
    else if (kind === 'renamed') {
      const [from, to] = text.split('\0').map((path) => basename(path));
      this.#rename((names) => {
        names.set(to!, names.get(from!)!);
        names.delete(from!);
      });
    } else if (file === 'directory') this.#syncNames();
    else if (kind === 'written') file!.unsynced.push(change);
    else if (kind === 'truncated') file!.unsynced.push({ length: change.offset });
    else if (kind === 'synced' && this.#heedSyncs) {
      file!.synced = file!.unsynced.reduce(changed, file!.synced);
      file!.unsynced = [];
    }
  }

  #open(descriptor: number, path: string): void {
    if (path === this.#directory) return void this.#opened.set(descriptor, 'directory');
    const name = basename(path);
    const made: File = { synced: Buffer.alloc(0), unsynced: [] };
    if (!this.#names.has(name)) this.#rename((names) => names.set(name, made));
    this.#opened.set(descriptor, this.#names.get(name)!);
  }

  #rename(change: (names: Map<string, File>) => void): void {
    this.#names = new Map(this.#names);
    change(this.#names);
    this.#unsyncedNames.push(this.#names);
  }

  #syncNames(): void {
    if (!this.#heedSyncs) return;
    this.#syncedNames = this.#names;
    this.#unsyncedNames = [];
  }
}

type Written = { offset: number; data: Buffer };

function changed(bytes: Buffer, change: Change): Buffer {
  const end = 'length' in change ? change.length : change.offset + change.data.length;
  const size = 'length' in change ? end : Math.max(end, bytes.length);
  const result = Buffer.alloc(size);
  bytes.copy(result);
  if ('data' in change) change.data.copy(result, change.offset);
  return result;
}

/** All of it, a beginning that may end within a write, or any sectors of it. */
function left({ synced, unsynced }: File, random: Random): Buffer {
  const way = random();
  if (way < 0.2) return synced;
  if (way < 0.3) return unsynced.reduce(changed, synced);
  const pieces = unsynced.flatMap((change) => ('length' in change ? change : sectors(change)));
  const kept =
    way < 0.6
      ? pieces.slice(0, Math.floor(random() * (pieces.length + 1)))
      : pieces.filter(() => random() < 0.7);
  return kept.reduce(changed, synced);
}

function sectors({ offset, data }: Written): Written[] {
  const pieces: Written[] = [];
  for (let from = 0; from < data.length;) {
    const to = Math.min(data.length, from + sector - ((offset + from) % sector));
    pieces.push({ offset: offset + from, data: data.subarray(from, to) });
    from = to;
  }
  return pieces;
}
