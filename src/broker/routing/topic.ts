// The topic exchange (AMQP 0-9-1 section 3.1.3.3): binding keys are patterns of words between dots, where `*` stands
// for one word and `#` for any number of them, none included.
// Keys without either are looked up whole, as a direct exchange does. The others are a trie that is walked as a state
// machine: for each word of the routing key the set of nodes that patterns may have come to. A node is in the set
// once, however many ways lead there, so that several `#` cost the number of nodes and never the number of ways.
// The last keys' destinations are remembered, within bounds (recent-routes.ts).

import type { FieldTable } from '../field-value.ts'
import { Destinations } from './destinations.ts'
import { DirectRouter } from './direct.ts'
import { RecentRoutes } from './recent-routes.ts'
import type { Collector, Routed, Router } from './router.ts'
import { TopicNode } from './topic-node.ts'

export class TopicRouter<D> implements Router<D> {
  readonly #plain = new DirectRouter<D>()
  readonly #root = new TopicNode<D>(false)
  readonly #recent = new RecentRoutes<D>()
  /** Bindings in the trie. */
  #patterns = 0
  #step = 0
  /** The nodes before and after a word; kept so that a walk allocates nothing but its words. */
  #here: TopicNode<D>[] = []
  #next: TopicNode<D>[] = []

  get size(): number {
    return this.#plain.size + this.#patterns
  }

  bind(key: string, args: FieldTable, to: D): void {
    const words = wordsOf(key)
    if (words === undefined) this.#plain.bind(key, args, to)
    else this.#bindPattern(words, to)
    this.#recent.reset(this.#patterns)
  }

  unbind(key: string, args: FieldTable, to: D): void {
    const words = wordsOf(key)
    if (words === undefined) this.#plain.unbind(key, args, to)
    else this.#unbindPattern(words, to)
    this.#recent.reset(this.#patterns)
  }

  route({ routingKey }: Routed, into: Collector<D>): void {
    const recent = this.#recent.get(routingKey)
    if (recent !== undefined) for (const to of recent) into.add(to)
    else if (this.#recent.awake) this.#find(routingKey, into)
    else this.#gather(routingKey, into)
  }

  /** Routes and remembers. */
  #find(routingKey: string, into: Collector<D>): void {
    const found = new Set<D>()
    this.#gather(routingKey, found)
    this.#recent.put(routingKey, [...found])
    for (const to of found) into.add(to)
  }

  #gather(routingKey: string, into: Collector<D>): void {
    this.#plain.gather(routingKey, into)
    if (this.#patterns === 0) return
    this.#step++
    this.#reach(this.#root, this.#here)
    if (routingKey !== '') this.#walk(routingKey)
    for (const node of this.#here) node.bound?.gather(into)
    this.#here.length = 0
  }

  #bindPattern(words: readonly string[], to: D): void {
    let node = this.#root
    for (const word of words) node = node.childFor(word)
    node.bound ??= new Destinations()
    node.bound.add(to)
    this.#patterns++
  }

  #unbindPattern(words: readonly string[], to: D): void {
    const path = [this.#root]
    for (const word of words) {
      const child = path.at(-1)?.child(word)
      if (child === undefined) return
      path.push(child)
    }
    const node = path.at(-1)
    if (node?.bound === undefined || !node.bound.has(to)) return
    node.bound.remove(to)
    this.#patterns--
    if (node.bound.size === 0) node.bound = undefined
    prune(path, words)
  }

  #walk(routingKey: string): void {
    for (let from = 0; from <= routingKey.length && this.#here.length > 0; ) {
      const dot = routingKey.indexOf('.', from)
      const to = dot === -1 ? routingKey.length : dot
      this.#take(routingKey.slice(from, to))
      from = to + 1
    }
  }

  #take(word: string): void {
    this.#step++
    for (const node of this.#here) {
      const child = node.after(word)
      if (child !== undefined) this.#reach(child, this.#next)
      if (node.star !== undefined) this.#reach(node.star, this.#next)
      if (node.stays) this.#reach(node, this.#next)
    }
    const taken = this.#here
    this.#here = this.#next
    taken.length = 0
    this.#next = taken
  }

  /** A `#` takes no word as well: whoever is before it is also behind it. */
  #reach(node: TopicNode<D>, into: TopicNode<D>[]): void {
    if (node.step === this.#step) return
    node.step = this.#step
    into.push(node)
    if (node.hash !== undefined) this.#reach(node.hash, into)
  }
}

/** The words of a pattern, undefined for a key without `*` and `#`; `#.#` says no more than `#`. */
function wordsOf(key: string): string[] | undefined {
  const words = key.split('.')
  if (!words.some(word => word === '*' || word === '#')) return undefined
  return words.filter((word, at) => word !== '#' || words[at - 1] !== '#')
}

/** Takes away the nodes at the end of the path that say nothing any more. */
function prune<D>(path: readonly TopicNode<D>[], words: readonly string[]): void {
  for (let depth = path.length - 1; depth > 0 && path[depth]?.empty; depth--) {
    const word = words[depth - 1]
    if (word !== undefined) path[depth - 1]?.drop(word)
  }
}
