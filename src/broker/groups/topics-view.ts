// What groups need to know of topics, and no more: which exist, under what id, with how many partitions, and whether
// that may have changed since they looked.

export interface TopicView {
  readonly id: string
  readonly name: string
  /** Whether it belongs to the broker itself: patterns do not match it. */
  readonly isInternal: boolean
  readonly definition: { readonly partitions: number }
}

export interface TopicsView {
  /** Rises with every topic that is made, grown or removed. */
  readonly revision: number
  get(name: string): TopicView | undefined
  byId(id: string): TopicView | undefined
  list(): Iterable<TopicView>
}
