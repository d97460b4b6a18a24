/** A phrase that was found: which one, and from which word up to which (exclusive). */
export interface PhraseMatch<T> {
  value: T;
  from: number;
  to: number;
}

interface Branch<T> {
  next: Map<string, Branch<T>>;
  value?: T;
}

/** Finds phrases of whole words in a row of words; of two that start together the longer one wins. */
export class Phrases<T> {
  readonly #root: Branch<T> = { next: new Map() };

  /** @param entries Each phrase as its words, and what it stands for. */
  constructor(entries: Iterable<readonly [words: readonly string[], value: T]>) {
    for (const [words, value] of entries) this.#branch(words).value = value;
  }

  /** The longest phrase that starts at this word. */
  at(words: readonly string[], from: number): PhraseMatch<T> | undefined {
    let branch: Branch<T> | undefined = this.#root;
    let found: PhraseMatch<T> | undefined;
    for (let to = from; branch && to < words.length;) {
      branch = branch.next.get(words[to]!);
      to += 1;
      if (branch?.value !== undefined) found = { value: branch.value, from, to };
    }
    return found;
  }

  #branch(words: readonly string[]): Branch<T> {
    let branch = this.#root;
    for (const word of words) {
      let next = branch.next.get(word);
      if (!next) branch.next.set(word, (next = { next: new Map() }));
      branch = next;
    }
    return branch;
  }
}

/** The phrases of a list with commas between them, each as its words. */
export function phrasesOf(list: string): string[][] {
  return list.split(',').map((phrase) => phrase.trim().split(/\s+/));
}
