// Writing to the metadata log by a part that answers requests for what is there already: such an answer must wait too
// while the change that made it so is on its way to the disk.

import type { Change, Journal } from './journal.ts'

export class Writes {
  readonly #underWay = new Map<string, Promise<void>>()
  #journal: Journal | undefined

  attach(journal: Journal): void {
    this.#journal = journal
  }

  /** Applies at once, resolves when durable. Errors: STORAGE_FULL, STORAGE_FAILED. */
  async write(changes: readonly Change[]): Promise<void> {
    if (this.#journal === undefined) throw new TypeError('a change before the metadata log is open')
    if (changes.length === 0) return
    const written = this.#journal.write(changes)
    const names = changes.map(nameOf)
    for (const name of names) this.#underWay.set(name, written)
    try {
      await written
    } finally {
      for (const name of names) if (this.#underWay.get(name) === written) this.#underWay.delete(name)
    }
  }

  /** Resolves when the last change of the key is durable; at once if none is under way. Errors: as `write`. */
  async settled(section: string, key: string): Promise<void> {
    await this.#underWay.get(nameOf({ section, key }))
  }
}

function nameOf({ section, key }: Pick<Change, 'section' | 'key'>): string {
  return `${section} ${key}`
}
