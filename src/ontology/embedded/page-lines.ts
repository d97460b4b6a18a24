/** The line after which come statements that another copy can take over as they are; no statement ends like it. */
const marker = '# kept\n';

/** The lines of a page of statements under way. */
export class PageLines {
  readonly #lines: string[];
  readonly #kept: string[] = [];
  readonly #restorable: boolean;

  /**
   * @param lines Those with which it begins.
   * @param restorable Whether what can be taken over as it is stands by itself; see {@link partsOf}.
   */
  constructor(lines: readonly string[], restorable = false) {
    this.#lines = [...lines];
    this.#restorable = restorable;
  }

  get length(): number {
    return this.#lines.length + this.#kept.length;
  }

  /** Adds a statement, given as Oxigraph keeps it and as it was written. */
  add(canonical: string, written: string): void {
    // What looks like a blank node's label may be one, which load() would replace.
    const isKept = this.#restorable && canonical === written && !written.includes('_:');
    (isKept ? this.#kept : this.#lines).push(written);
  }

  toString(): string {
    const text = this.#lines.map((line) => `${line}\n`).join('');
    return this.#kept.length > 0 ? `${text}${marker}${this.#kept.join('\n')}\n` : text;
  }
}

/** The lines of a page that have to be looked into, and the ones that need not; a page of before knows none of these. */
export function partsOf(page: Uint8Array): { lines: string; kept: Uint8Array } {
  const bytes = Buffer.from(page.buffer, page.byteOffset, page.byteLength);
  const found = bytes.indexOf(marker);
  const at = found < 0 ? bytes.length : found;
  return { lines: bytes.toString('utf8', 0, at), kept: bytes.subarray(at + marker.length) };
}
