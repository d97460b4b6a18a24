/** Removes what is found, a few at a time so that nothing waits for it; resolves with how many. */
export async function removeInTurns<Key>(
  find: () => Promise<readonly Key[]>,
  remove: (some: readonly Key[]) => Promise<void>,
): Promise<number> {
  for (let removed = 0; ;) {
    const some = await find();
    if (some.length === 0) return removed;
    await remove(some);
    removed += some.length;
  }
}
