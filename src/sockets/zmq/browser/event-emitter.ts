// What observers use of node:events, in the bundle.

type Listener = (event: unknown) => void

export class EventEmitter {
  readonly #listeners = new Map<string, Listener[]>()

  on(type: string, listener: Listener): this {
    this.#listeners.set(type, [...(this.#listeners.get(type) ?? []), listener])
    return this
  }

  off(type: string, listener: Listener): this {
    const left = (this.#listeners.get(type) ?? []).filter(one => one !== listener)
    this.#listeners.set(type, left)
    return this
  }

  emit(type: string, event: unknown): boolean {
    const listeners = this.#listeners.get(type) ?? []
    for (const listener of listeners) listener(event)
    return listeners.length > 0
  }
}
