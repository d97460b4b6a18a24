/**
 * Statements whose literal Oxigraph rewrites, as they were written: by the form that it keeps,
 * `"1"^^xsd:integer`, the one that came in, `"01"^^xsd:int`.
 */
export class Originals {
  readonly #lines = new Map<string, string>();

  /** Remembers how a statement that has just come in was written. */
  note(canonical: string, line: string): void {
    if (canonical !== line) this.#lines.set(detached(canonical), detached(line));
  }

  /** The statement as it was written. */
  of(canonical: string): string {
    return this.#lines.get(canonical) ?? canonical;
  }

  forget(canonical: string): void {
    this.#lines.delete(canonical);
  }

  /** The predicates of the statements that were written in another way. */
  predicates(): Set<string> {
    const found = new Set<string>();
    for (const line of this.#lines.keys()) {
      const start = line.indexOf(' ') + 1;
      found.add(line.slice(start, line.indexOf(' ', start)));
    }
    return found;
  }
}

/** A copy of its own: what is cut out of a text keeps the whole text in memory. */
const detached = (text: string): string => Buffer.from(text).toString();
