/** Two numbers for each line of a text, which are equal for equal lines and seldom for others (FNV-1a, twice). */
export function hashLines(text: string, count: number): Uint32Array {
  const hashes = new Uint32Array(count * 2);
  let first = 0x811c9dc5;
  let second = 0x01234567;
  let line = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 10) {
      // Zeros mark what is free in a table.
      hashes[line * 2] = (first ^ (first >>> 15)) | 1;
      hashes[line * 2 + 1] = second ^ (second >>> 13);
      line += 1;
      first = 0x811c9dc5;
      second = 0x01234567;
    } else {
      first = Math.imul(first ^ code, 0x01000193);
      second = Math.imul(second ^ code, 0x5bd1e995);
    }
  }
  return hashes;
}

/** Which lines have been seen, by their hashes alone: 8 bytes a line, and now and then a false alarm. */
export class SeenLines {
  #table = new Uint32Array(2 * 65_536);
  #held = 0;

  /** Remembers a line; tells whether it, or one with the same hashes, was there before. */
  add(first: number, second: number): boolean {
    if ((this.#held + 1) * 3 > this.#table.length) this.#grow();
    const at = this.#find(first, second);
    if (this.#table[at] !== 0) return true;
    this.#put(at, first, second);
    return false;
  }

  #find(first: number, second: number): number {
    const table = this.#table;
    const mask = table.length / 2 - 1;
    let slot = (first ^ Math.imul(second, 0x9e3779b1)) & mask;
    while (table[slot * 2] !== 0 && (table[slot * 2] !== first || table[slot * 2 + 1] !== second))
      slot = (slot + 1) & mask;
    return slot * 2;
  }

  #put(at: number, first: number, second: number): void {
    this.#table[at] = first;
    this.#table[at + 1] = second;
    this.#held += 1;
  }

  #grow(): void {
    const old = this.#table;
    this.#table = new Uint32Array(old.length * 2);
    this.#held = 0;
    for (let at = 0; at < old.length; at += 2)
      if (old[at] !== 0) this.#put(this.#find(old[at]!, old[at + 1]!), old[at]!, old[at + 1]!);
  }
}
