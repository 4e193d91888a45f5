// A node of a topic exchange's trie. Long patterns are chains in which each node has one child: that child lies in two
// fields, and a Map is made for the second.

import type { Destinations } from './destinations.ts'

export class TopicNode<D> {
  star: TopicNode<D> | undefined
  hash: TopicNode<D> | undefined
  /** What is bound by the pattern that ends here. */
  bound: Destinations<D> | undefined
  /** Set for what follows a `#`: it takes any word and stays. */
  readonly stays: boolean
  /** The step of the walk that came here last. */
  step = 0
  #word: string | undefined
  #only: TopicNode<D> | undefined
  #children: Map<string, TopicNode<D>> | undefined

  constructor(stays: boolean) {
    this.stays = stays
  }

  /** Whether it can be left out. */
  get empty(): boolean {
    const leads = this.star ?? this.hash ?? this.#only
    return this.bound === undefined && leads === undefined && (this.#children?.size ?? 0) === 0
  }

  /** Where a word of a routing key leads, `*` and `#` taken literally. */
  after(word: string): TopicNode<D> | undefined {
    if (this.#children !== undefined) return this.#children.get(word)
    return this.#word === word ? this.#only : undefined
  }

  /** Where a word of a pattern leads. */
  child(word: string): TopicNode<D> | undefined {
    if (word === '*') return this.star
    return word === '#' ? this.hash : this.after(word)
  }

  /** As `child`; makes it if it is missing. */
  childFor(word: string): TopicNode<D> {
    const known = this.child(word)
    if (known !== undefined) return known
    const child = new TopicNode<D>(word === '#')
    if (word === '*') this.star = child
    else if (word === '#') this.hash = child
    else this.#put(word, child)
    return child
  }

  drop(word: string): void {
    if (word === '*') this.star = undefined
    else if (word === '#') this.hash = undefined
    else if (this.#children !== undefined) this.#children.delete(word)
    else if (this.#word === word) {
      this.#word = undefined
      this.#only = undefined
    }
  }

  #put(word: string, child: TopicNode<D>): void {
    if (this.#children !== undefined) this.#children.set(word, child)
    else if (this.#only === undefined) {
      this.#word = word
      this.#only = child
    } else {
      this.#children = new Map([[this.#word ?? '', this.#only]])
      this.#children.set(word, child)
      this.#word = undefined
      this.#only = undefined
    }
  }
}
