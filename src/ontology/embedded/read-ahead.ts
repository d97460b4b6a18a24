/** What has been begun and can be left. */
export interface ReadAhead<Item> extends AsyncIterableIterator<Item> {
  return(): Promise<IteratorReturnResult<undefined>>;
}

/**
 * Gives what a source gives, and has up to `count` items of it made before they are asked for, from now on.
 * Whoever does not read it to its end has to leave it by `return()`, as `for await` does.
 */
export function readAhead<Item>(source: AsyncIterable<Item>, count: number): ReadAhead<Item> {
  const iterator = source[Symbol.asyncIterator]();
  const coming: Promise<IteratorResult<Item>>[] = [];
  let last: Promise<unknown> = Promise.resolve();
  const pull = () => {
    const next = last.then(() => iterator.next());
    // Thrown where it is awaited; until then it must not go unhandled.
    next.catch(() => undefined);
    last = next;
    coming.push(next);
  };
  while (coming.length < count) pull();
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    next() {
      pull();
      return coming.shift()!;
    },
    async return() {
      // Not waited for: the source may hang on an upload that goes no further.
      iterator.return?.().catch(() => undefined);
      return { done: true, value: undefined };
    },
  };
}

/**
 * Hands items on one after the other, and gives in order what came of each. The next one is handed on while
 * up to `most` are not done yet, so that neither side waits for the other; one that fails ends it at once.
 */
export async function* handOn<Item, Result>(
  items: ReadAhead<Item>,
  most: number,
  hand: (item: Item) => Promise<Result>,
): AsyncGenerator<Result> {
  let fail: (reason: unknown) => void;
  const failed = new Promise<never>((_, reject) => {
    fail = reject;
  });
  // Thrown where it is awaited; until then it must not go unhandled.
  failed.catch(() => undefined);
  const handed: Promise<Result>[] = [];
  try {
    for (;;) {
      const { done, value } = await Promise.race([items.next(), failed]);
      if (done) break;
      if (handed.length === most) yield await handed.shift()!;
      const result = hand(value);
      result.catch((reason) => fail(reason));
      handed.push(result);
    }
    for (const result of handed) yield await result;
  } finally {
    await items.return();
  }
}
