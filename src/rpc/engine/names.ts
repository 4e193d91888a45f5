// Names of methods are written once for each connection and numbered by both sides in the same way: 0 and the name the first
// time, its number from 1 on afterwards. Beyond the bound names are written each time.

import type { Reader, Writer } from '../../bytes/index.ts'
import { CallError } from './errors.ts'
import { callLimits } from './limits.ts'

export class NamesOut {
  readonly #numbers = new Map<string, number>()
  #fresh: string | undefined

  write(to: Writer, name: string): void {
    const known = this.#numbers.get(name)
    if (known !== undefined) {
      to.uvarint(known)
      return
    }
    const bytes = Buffer.byteLength(name)
    if (bytes > callLimits.nameBytesMax)
      throw new CallError('CALL_NO_METHOD', `a name of ${bytes} bytes, at most ${callLimits.nameBytesMax}`)
    to.uvarint(0)
    to.uvarint(bytes)
    to.text(name, bytes)
    this.#fresh = name
  }

  /** The frame with the name in it is on its way, or was taken back. */
  settle(sent: boolean): void {
    if (this.#fresh === undefined) return
    if (sent && this.#numbers.size < callLimits.namesMax)
      this.#numbers.set(this.#fresh, this.#numbers.size + 1)
    this.#fresh = undefined
  }
}

export class NamesIn {
  readonly #names: string[] = []

  /** Errors: CallError CALL_PROTOCOL, WireError. */
  read(from: Reader): string {
    const number = from.uvarint()
    if (number === 0) return this.#define(from)
    const name = this.#names[number - 1]
    if (name === undefined) throw new CallError('CALL_PROTOCOL', `no name has the number ${number}`)
    return name
  }

  #define(from: Reader): string {
    const bytes = from.uvarint()
    if (bytes > callLimits.nameBytesMax) throw new CallError('CALL_PROTOCOL', `a name of ${bytes} bytes`)
    const name = from.text(bytes)
    if (this.#names.length < callLimits.namesMax) this.#names.push(name)
    return name
  }
}
