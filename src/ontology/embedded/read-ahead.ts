/** Gives what a source gives, and has up to `count` items of it made before they are asked for. */
export async function* readAhead<Item>(
  source: AsyncIterable<Item>,
  count: number,
): AsyncGenerator<Item> {
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
  try {
    for (;;) {
      while (coming.length <= count) pull();
      const { done, value } = await coming.shift()!;
      if (done) return;
      yield value;
    }
  } finally {
    await iterator.return?.();
  }
}
