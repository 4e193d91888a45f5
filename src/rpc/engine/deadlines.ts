// Deadlines of many calls at a time. Nearly all of a program's calls have the same few time-outs, and calls with one
// time-out come due in the order in which they were made: so there is a list for each time-out and a timer for each list,
// instead of a timer for each call. (Node's own timers are made this way; a World's need not be.)

import type { Timer, World } from '../../world/index.ts'

/** What can come due. The fields belong to the deadlines while it is armed. */
export abstract class Due {
  dueAt = 0
  duePrevious: Due | undefined
  dueNext: Due | undefined
  dueList: DueList | undefined

  /** Its time has come. It is not armed any more. */
  abstract due(): void

  /** It does not come due any more. Idempotent. */
  disarm(): void {
    this.dueList?.deadlines.disarm(this)
  }
}

interface DueList {
  readonly deadlines: Deadlines
  readonly ms: number
  first: Due | undefined
  last: Due | undefined
  timer: Timer | undefined
}

/** Lists beyond these are not kept when they are empty: time-outs that are computed rarely come twice. */
const LISTS_KEPT_MAX = 64

export class Deadlines {
  readonly #world: World
  readonly #lists = new Map<number, DueList>()

  constructor(world: World) {
    this.#world = world
  }

  /** `item.due()` is called `ms` from now. Infinity is never. The item must not be armed. */
  arm(item: Due, ms: number): void {
    if (ms === Number.POSITIVE_INFINITY) return
    const list = this.#list(ms)
    item.dueAt = this.#world.monotonic() + ms
    item.dueList = list
    item.duePrevious = list.last
    if (list.last === undefined) list.first = item
    else list.last.dueNext = item
    list.last = item
    list.timer ??= this.#world.after(ms, () => this.#ring(list))
  }

  /** Nothing, when the item is not armed. */
  disarm(item: Due): void {
    const list = item.dueList
    if (list === undefined) return
    const { duePrevious, dueNext } = item
    if (duePrevious === undefined) list.first = dueNext
    else duePrevious.dueNext = dueNext
    if (dueNext === undefined) list.last = duePrevious
    else dueNext.duePrevious = duePrevious
    item.dueList = undefined
    item.duePrevious = undefined
    item.dueNext = undefined
    if (list.first === undefined && this.#lists.size > LISTS_KEPT_MAX) this.#drop(list)
  }

  /** Nothing comes due any more. */
  clear(): void {
    for (const list of this.#lists.values()) list.timer?.cancel()
    this.#lists.clear()
  }

  #list(ms: number): DueList {
    let list = this.#lists.get(ms)
    if (list === undefined) {
      list = { deadlines: this, ms, first: undefined, last: undefined, timer: undefined }
      this.#lists.set(ms, list)
    }
    return list
  }

  #ring(list: DueList): void {
    list.timer = undefined
    const now = this.#world.monotonic()
    for (let { first } = list; first !== undefined && first.dueAt <= now; first = list.first) {
      this.disarm(first)
      first.due()
    }
    const next = list.first
    if (next !== undefined) list.timer ??= this.#world.after(next.dueAt - now, () => this.#ring(list))
    else if (this.#lists.size > LISTS_KEPT_MAX) this.#drop(list)
  }

  #drop(list: DueList): void {
    list.timer?.cancel()
    list.timer = undefined
    if (this.#lists.get(list.ms) === list) this.#lists.delete(list.ms)
  }
}
