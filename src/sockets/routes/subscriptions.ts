// Who has subscribed to what: a radix trie over the bytes of prefixes. Matching walks the message once, whatever the number
// of subscriptions; memory is that of the prefixes, not a node for each byte, so that a peer with long prefixes is no
// danger. Subscriptions are counted: as many cancels as subscriptions (ZMTP 3.1, section on SUBSCRIBE).

interface Node<P> {
  /** Bytes between the parent and here. */
  label: Buffer
  /** By the first byte of their labels. */
  readonly children: Map<number, Node<P>>
  /** How often each peer has subscribed to exactly this. */
  readonly peers: Map<P, number>
}

export class Subscriptions<P> {
  readonly #root: Node<P> = node<P>(Buffer.alloc(0))
  readonly #found = new Set<P>()

  /** Whether nobody has subscribed to anything. */
  get isEmpty(): boolean {
    return this.#root.children.size === 0 && this.#root.peers.size === 0
  }

  /** Counts one more. `isFirst`: nobody had this prefix; `isNew`: this peer had not. */
  add(prefix: Buffer, peer: P): { readonly isFirst: boolean; readonly isNew: boolean } {
    const { peers } = this.#reach(prefix)
    const count = peers.get(peer) ?? 0
    const isFirst = peers.size === 0
    peers.set(peer, count + 1)
    return { isFirst, isNew: count === 0 }
  }

  /** Counts one less. `isLast`: nobody has this prefix any more; undefined when the peer had no such subscription. */
  remove(prefix: Buffer, peer: P): { readonly isLast: boolean; readonly isGone: boolean } | undefined {
    const path = this.#path(prefix)
    const peers = path?.at(-1)?.peers
    const count = peers?.get(peer)
    if (path === undefined || peers === undefined || count === undefined) return undefined
    if (count > 1) {
      peers.set(peer, count - 1)
      return { isLast: false, isGone: false }
    }
    peers.delete(peer)
    prune(path)
    return { isLast: peers.size === 0, isGone: true }
  }

  /** Forgets all that the peer has subscribed to, and tells `onLast` of each prefix that nobody has any more. */
  removeAll(peer: P, onLast: (prefix: Buffer) => void = () => {}): void {
    clear(this.#root, peer, onLast)
  }

  /** Whether anybody wants a message that begins with these bytes. */
  matches(topic: Buffer): boolean {
    return this.match(topic).size > 0
  }

  /** Who wants it. The set is good until the next call. */
  match(topic: Buffer): ReadonlySet<P> {
    const found = this.#found
    found.clear()
    let at = 0
    for (let here: Node<P> | undefined = this.#root; here !== undefined; ) {
      for (const peer of here.peers.keys()) found.add(peer)
      const next: Node<P> | undefined = at < topic.length ? here.children.get(topic[at] as number) : undefined
      if (next === undefined || !startsWith(topic, next.label, at)) break
      at += next.label.length
      here = next
    }
    return found
  }

  /** All prefixes that somebody has, each once. */
  *prefixes(): Generator<Buffer> {
    yield* walk(this.#root)
  }

  /** The node of the prefix, made if need be. */
  #reach(prefix: Buffer): Node<P> {
    let here = this.#root
    let rest = prefix
    while (rest.length > 0) {
      const next = here.children.get(rest[0] as number)
      if (next === undefined) {
        const leaf = node<P>(Buffer.from(rest))
        here.children.set(rest[0] as number, leaf)
        return leaf
      }
      const common = commonLength(next.label, rest)
      here = common === next.label.length ? next : split(here, next, common)
      rest = rest.subarray(common)
    }
    return here
  }

  /** The nodes from the root to exactly this prefix, or undefined. */
  #path(prefix: Buffer): Node<P>[] | undefined {
    let here = this.#root
    const path = [here]
    for (let at = 0; at < prefix.length; at += here.label.length) {
      const next = here.children.get(prefix[at] as number)
      if (next === undefined || !startsWith(prefix, next.label, at)) return undefined
      here = next
      path.push(here)
    }
    return path
  }
}

function node<P>(label: Buffer): Node<P> {
  return { label, children: new Map(), peers: new Map() }
}

function startsWith(bytes: Buffer, label: Buffer, at: number): boolean {
  if (bytes.length - at < label.length) return false
  for (let i = 0; i < label.length; i++) if (bytes[at + i] !== label[i]) return false
  return true
}

function commonLength(one: Buffer, other: Buffer): number {
  const max = Math.min(one.length, other.length)
  let at = 0
  while (at < max && one[at] === other[at]) at++
  return at
}

/** Puts a node between parent and child, `common` bytes down the child's label. */
function split<P>(parent: Node<P>, child: Node<P>, common: number): Node<P> {
  const middle = node<P>(child.label.subarray(0, common))
  parent.children.set(middle.label[0] as number, middle)
  child.label = child.label.subarray(common)
  middle.children.set(child.label[0] as number, child)
  return middle
}

/** Takes away nodes that hold nothing, from the end of the path upward. */
function prune<P>(path: readonly Node<P>[]): void {
  for (let at = path.length - 1; at > 0; at--) {
    const here = path[at] as Node<P>
    if (here.peers.size > 0 || here.children.size > 0) return
    path[at - 1]?.children.delete(here.label[0] as number)
  }
}

/** Depth-first with a stack of its own: prefixes within prefixes may nest deeper than calls can. */
function clear<P>(root: Node<P>, peer: P, onLast: (prefix: Buffer) => void): void {
  const path: Node<P>[] = [root]
  const unseen: Node<P>[][] = [[...root.children.values()]]
  while (path.length > 0) {
    const next = unseen.at(-1)?.pop()
    if (next !== undefined) {
      path.push(next)
      unseen.push([...next.children.values()])
      continue
    }
    const here = path.at(-1) as Node<P>
    if (here.peers.delete(peer) && here.peers.size === 0) onLast(prefixOf(path))
    const parent = path.at(-2)
    if (here.peers.size === 0 && here.children.size === 0) parent?.children.delete(here.label[0] as number)
    path.pop()
    unseen.pop()
  }
}

function prefixOf<P>(path: readonly Node<P>[]): Buffer {
  return Buffer.concat(path.map(one => one.label))
}

function* walk<P>(root: Node<P>): Generator<Buffer> {
  const todo: { readonly here: Node<P>; readonly prefix: Buffer }[] = [{ here: root, prefix: root.label }]
  for (let one = todo.pop(); one !== undefined; one = todo.pop()) {
    if (one.here.peers.size > 0) yield one.prefix
    for (const child of one.here.children.values())
      todo.push({ here: child, prefix: Buffer.concat([one.prefix, child.label]) })
  }
}
