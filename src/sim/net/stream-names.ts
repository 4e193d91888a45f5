// A network of streams, in place of the names of a process: what connects by it gets simulated links. Listeners are taken
// away and come back, links are cut and fall silent, all from a seed and a world in the test's hand.

import { type DuplexStream, InprocNames, type InprocOptions, type Listener } from '../../transport/index.ts'
import type { World } from '../../world/index.ts'
import type { Dice } from '../disk/index.ts'
import { type LinkFaults, StreamLink } from './stream-link.ts'

/** How bad the network is; chances are for each link. */
export interface NetworkFaults {
  readonly delayMsMax: number
  /** A direction is cut at some byte. */
  readonly cuts: number
  /** A direction falls silent at some byte. */
  readonly silences: number
  /** Within how many bytes that is. */
  readonly withinBytes: number
}

export class StreamNames extends InprocNames {
  readonly #world: World
  readonly #dice: Dice
  readonly #links = new Map<string, Set<StreamLink>>()
  /** Changes while the network is used: new links follow it. */
  faults: NetworkFaults

  constructor(world: World, dice: Dice, faults: NetworkFaults) {
    super()
    this.#world = world
    this.#dice = dice
    this.faults = faults
  }

  override connect(name: string, options: InprocOptions = {}): DuplexStream {
    const made: StreamLink[] = []
    this.#making = made
    try {
      super.connect(name, options).abort()
    } finally {
      this.#making = undefined
    }
    const [link] = made
    if (link === undefined) throw new Error(`${name}: the listener was asked and did not come`)
    return link.ends[0]
  }

  override listen(
    name: string,
    accept: (stream: DuplexStream) => void,
    options: InprocOptions = {},
  ): Listener {
    return super.listen(
      name,
      () => {
        const link = this.#link(name)
        this.#making?.push(link)
        accept(link.ends[1])
      },
      options,
    )
  }
  #making: StreamLink[] | undefined

  /** All connections with the name break, or fall silent. */
  cut(name: string, silently: boolean): void {
    for (const link of this.#links.get(name) ?? []) {
      if (silently) link.silence()
      else link.cut()
    }
    this.#links.delete(name)
  }

  #link(name: string): StreamLink {
    const link = new StreamLink(this.#world, this.#dice, name, [this.#luck(), this.#luck()])
    const links = this.#links.get(name) ?? new Set()
    this.#links.set(name, links.add(link))
    return link
  }

  #luck(): LinkFaults {
    const { delayMsMax, cuts, silences, withinBytes } = this.faults
    const dice = this.#dice
    return {
      delayMsMax,
      cutAt: dice.chance(cuts) ? dice.below(withinBytes) : undefined,
      silentAt: dice.chance(silences) ? dice.below(withinBytes) : undefined,
    }
  }
}
