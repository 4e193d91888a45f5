// Work that waits for the disk, a few pieces at a time: as many as the thread pool has threads.

const AT_ONCE = 4

/** Calls `work` for each item, a few at a time, in order. Errors: the first of `work`, when the others have ended. */
export async function sideBySide<Item>(
  items: Iterable<Item>,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const rest = items[Symbol.iterator]()
  let failure: { readonly error: unknown } | undefined
  const worker = async (): Promise<void> => {
    for (let next = rest.next(); !next.done && failure === undefined; next = rest.next())
      await work(next.value).catch(error => {
        failure ??= { error }
      })
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
  if (failure !== undefined) throw (failure as { readonly error: unknown }).error
}
