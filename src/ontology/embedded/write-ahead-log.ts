import { closeSync, openSync, readSync } from 'node:fs';

/** Where SQLite's write-ahead log is damaged: a frame, counted from 1, or its header, 0. */
export interface LogDamage {
  frame: number;
  /** A frame that was written after it. */
  writtenLater: number;
}

type Checksum = readonly [number, number];

const headerSize = 32;
const frameHeaderSize = 24;
const magic = 0x377f0682;

/**
 * Finds a frame that was on disk and no longer is what was written. SQLite reads the log up to the first
 * frame that is not sound and takes the rest for a write that the process did not live to finish. But a
 * commit is synced before the next one is written: when a whole commit stands behind the unsound frame,
 * and behind that a frame of the next one, then the unsound frame had been on disk.
 * @param path The log, as https://sqlite.org/fileformat2.html#the_write_ahead_log describes it.
 */
export function logDamage(path: string): LogDamage | undefined {
  const file = openSync(path, 'r');
  try {
    return new Log(file).damage();
  } finally {
    closeSync(file);
  }
}

class Log {
  readonly #file: number;
  readonly #header = Buffer.alloc(headerSize);
  #littleEndian = true;

  constructor(file: number) {
    this.#file = file;
  }

  damage(): LogDamage | undefined {
    const header = this.#header;
    const frameHeader = Buffer.alloc(frameHeaderSize);
    const frames = readSync(this.#file, frameHeader, 0, frameHeaderSize, headerSize);
    if (readSync(this.#file, header, 0, headerSize, 0) + frames < headerSize + frameHeaderSize)
      return undefined;
    this.#littleEndian = (header.readUInt32BE(0) & 1) === 0;
    const begin = this.#sum(header.subarray(0, 24), [0, 0]);
    // The header is synced before the first frame is written.
    const sound = (header.readUInt32BE(0) & ~1) === magic && same(begin, sumAt(header, 24));
    return sound ? this.#frames(begin) : { frame: 0, writtenLater: 1 };
  }

  #frames(begin: Checksum): LogDamage | undefined {
    const pageSize = this.#header.readUInt32BE(8);
    const frame = Buffer.alloc(frameHeaderSize + (pageSize === 1 ? 65_536 : pageSize));
    let unsound: number | undefined;
    let before = begin;
    let behindCommit = false;
    for (let number = 1; this.#read(frame, number); number += 1) {
      // Each frame's checksum goes on from the one before, as that one states it.
      const follows = this.#follows(frame, before);
      if (follows && behindCommit) return { frame: unsound!, writtenLater: number };
      if (!follows) unsound ??= number;
      behindCommit = follows && unsound !== undefined && frame.readUInt32BE(4) !== 0;
      before = sumAt(frame, 16);
    }
    return undefined;
  }

  #read(frame: Buffer, number: number): boolean {
    const at = headerSize + (number - 1) * frame.length;
    return readSync(this.#file, frame, 0, frame.length, at) === frame.length;
  }

  #follows(frame: Buffer, before: Checksum): boolean {
    // Else it is left from an earlier use of the file.
    const current = this.#header.compare(frame, 8, 16, 16, 24) === 0;
    if (!current) return false;
    const sum = this.#sum(frame.subarray(frameHeaderSize), this.#sum(frame.subarray(0, 8), before));
    return same(sum, sumAt(frame, 16));
  }

  /** Over words of 32 bits, two at a time, in the order of bytes that the header names. */
  #sum(bytes: Buffer, before: Checksum): Checksum {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    let [first, second] = before;
    for (let at = 0; at < bytes.length; at += 8) {
      first = (first + view.getUint32(at, this.#littleEndian) + second) >>> 0;
      second = (second + view.getUint32(at + 4, this.#littleEndian) + first) >>> 0;
    }
    return [first, second];
  }
}

const sumAt = (bytes: Buffer, at: number): Checksum => [
  bytes.readUInt32BE(at),
  bytes.readUInt32BE(at + 4),
];

const same = ([first, second]: Checksum, [otherFirst, otherSecond]: Checksum) =>
  first === otherFirst && second === otherSecond;
