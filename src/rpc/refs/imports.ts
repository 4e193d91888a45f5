// Things of the peer that we hold, each as one stub however often it is received. It is given back when somebody says so, or
// after its stub was collected. Nothing that waits depends on the collector: a call that was sent keeps what it needs at
// the other side, whatever becomes of the stub here (Comlink lost such calls for ever).

import { CallError } from '../engine/errors.ts'

/** A reference that we hold. */
export class Import {
  readonly id: number
  readonly owner: ImportOwner
  /** How often it came: as often it is given back. */
  received = 0
  state: 'held' | 'released' | 'lost' = 'held'
  /** Told when the connection is over before it was released. */
  whenLost: ((reason: Error) => void) | undefined

  constructor(id: number, owner: ImportOwner) {
    this.id = id
    this.owner = owner
  }

  /** Gives it back; calls that wait get their answers. Idempotent. */
  release(): void {
    if (this.state !== 'held') return
    this.state = 'released'
    this.owner.release(this)
  }

  /** Errors: CallError, when it is not held any more. */
  check(): void {
    if (this.state === 'released') throw new CallError('CALL_REFERENCE_RELEASED', `reference ${this.id}`)
    if (this.state === 'lost') throw new CallError('CALL_REFERENCE_LOST', `reference ${this.id}`)
  }
}

/** Who tells the peer that it is given back. */
export interface ImportOwner {
  release(held: Import): void
}

/** A stub that was collected gives its reference back. */
const collected = new FinalizationRegistry<Import>(held => held.release())

interface Entry {
  readonly held: Import
  readonly stub: WeakRef<object>
}

export class Imports implements ImportOwner {
  readonly #entries = new Map<number, Entry>()
  readonly #max: number
  readonly #giveBack: (id: number, count: number) => void

  /** Holds at most so many; `giveBack` tells the peer. */
  constructor(max: number, giveBack: (id: number, count: number) => void) {
    this.#max = max
    this.#giveBack = giveBack
  }

  /** References that are held. */
  get size(): number {
    return this.#entries.size
  }

  /**
   * The stub of a reference that came once more. `make` makes it when there is none, or it was collected. Errors: CallError
   * CALL_TOO_MANY_REFERENCES: the peer gives more than we hold of it.
   */
  receive(id: number, make: (held: Import) => object): object {
    const known = this.#entries.get(id)
    const stub = known?.stub.deref()
    if (known !== undefined && stub !== undefined) {
      known.held.received++
      return stub
    }
    if (known === undefined && this.#entries.size >= this.#max) {
      this.#giveBack(id, 1)
      throw new CallError('CALL_TOO_MANY_REFERENCES', `${this.#max} of the other side are held here`)
    }
    const held = new Import(id, this)
    held.received = 1
    const made = make(held)
    this.#entries.set(id, { held, stub: new WeakRef(made) })
    collected.register(made, held, held)
    return made
  }

  release(held: Import): void {
    collected.unregister(held)
    // Another stub may have come in the place of one that was collected: it has its own count.
    if (this.#entries.get(held.id)?.held === held) this.#entries.delete(held.id)
    this.#giveBack(held.id, held.received)
  }

  /** The connection is over: nothing can be called, and nothing has to be given back. */
  lose(reason: Error): void {
    for (const { held } of this.#entries.values()) {
      held.state = 'lost'
      collected.unregister(held)
      held.whenLost?.(reason)
    }
    this.#entries.clear()
  }
}
