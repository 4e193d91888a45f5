// The ledgers of all logs of a store, by name, over all lives.

import type { LogStore } from '../../src/log/log.ts'
import type { Dice } from '../../src/sim/disk/index.ts'
import { Ledger, Violation } from './ledger.ts'

export class Ledgers {
  readonly #byName = new Map<string, Ledger>()
  /** Names whose delete was acknowledged and that were not opened since. */
  readonly #deleted = new Set<string>()

  get names(): string[] {
    return [...this.#byName.keys()]
  }

  get toldCount(): number {
    return [...this.#byName.values()].reduce((sum, ledger) => sum + ledger.toldCount, 0)
  }

  any(dice: Dice): Ledger | undefined {
    const names = this.names
    return names.length === 0 ? undefined : this.#byName.get(dice.pick(names))
  }

  /** The log's ledger, a fresh one when there is none. */
  opened(name: string): Ledger {
    this.#deleted.delete(name)
    const ledger = this.#byName.get(name) ?? new Ledger(name)
    this.#byName.set(name, ledger)
    return ledger
  }

  deleted(name: string): void {
    this.#byName.delete(name)
    this.#deleted.add(name)
  }

  /** Power was lost under a store that acknowledges before it flushes. */
  forgive(): void {
    for (const ledger of this.#byName.values()) ledger.forgive()
  }

  /** Compares a store that was just opened with every ledger. */
  async check(store: LogStore, isAlive: () => boolean): Promise<void> {
    const names = new Set(store.list())
    for (const name of names) {
      if (this.#deleted.has(name)) throw new Violation(`${name} was deleted and is back`)
      if (!this.#byName.has(name)) throw new Violation(`${name} was never opened and is there`)
    }
    for (const [name, ledger] of this.#byName) {
      if (names.has(name)) {
        await ledger.check(await store.open(name), isAlive)
        if (!isAlive()) return
        ledger.deleting = false
        continue
      }
      if (ledger.toldCount > 0 && !ledger.deleting)
        throw new Violation(`${name} is gone with ${ledger.toldCount} acknowledged batches`)
      this.deleted(name)
    }
  }
}
