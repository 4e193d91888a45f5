// The greeting of ZMTP (RFC 37 "Version negotiation", RFC 23, RFC 15), and what it leads to. It is sent in two parts, for the
// second depends on the peer: 11 octets, then the rest of the 64, or what ZMTP 2.0 says.
//
//   signature FF 00*7 01 7F | major 03 | minor 01 | mechanism 20 | as-server 1 | filler 31          3.x
//   signature FF ...     7F | revision 01 | socket type 1 | identity frame                           2.0

import { ProtocolError } from '../errors.ts'

export const GREETING_BYTES = 64
const SIGNATURE_BYTES = 10
const VERSION_BYTES = 11
const MECHANISM_BYTES = 20

export type Version = '2.0' | '3.0' | '3.1'

/** What the peer's greeting says. */
export type Greeted =
  | { readonly version: '3.0' | '3.1'; readonly mechanism: string; readonly isServer: boolean }
  | { readonly version: '2.0'; readonly socketType: number }

/** Signature and major version; the padding is what libzmq writes, the length of an empty identity frame of ZMTP 1.0. */
export const greetingStart: Buffer = Buffer.from('ff00000000000000017f03', 'hex')

/** The other 53 octets, for a peer of 3.x. */
export function greetingRest(mechanism: string, { isServer }: { readonly isServer: boolean }): Buffer {
  const rest = Buffer.alloc(GREETING_BYTES - VERSION_BYTES)
  rest[0] = 1
  rest.write(mechanism, 1, MECHANISM_BYTES, 'latin1')
  rest[1 + MECHANISM_BYTES] = isServer ? 1 : 0
  return rest
}

/** For a peer of 2.0: the type of our socket and, as a frame, its routing id. */
export function greetingRest2(socketType: number, routingId: Buffer): Buffer {
  return Buffer.concat([Buffer.from([socketType, 0, routingId.length]), routingId])
}

/** Collects the peer's greeting. */
export class GreetingReader {
  readonly #bytes = Buffer.alloc(GREETING_BYTES)
  #length = 0

  /** Major 3.x or 2.0, as soon as it is known. */
  get major(): '2' | '3' | undefined {
    if (this.#length < VERSION_BYTES) return undefined
    return (this.#bytes[SIGNATURE_BYTES] as number) >= 3 ? '3' : '2'
  }

  /** Takes what belongs to the greeting, and says how many bytes that was. Errors: ProtocolError. */
  push(chunk: Buffer): number {
    const before = this.#length
    for (let at = 0; at < chunk.length && this.greeted() === undefined; at++) {
      this.#bytes[this.#length++] = chunk[at] as number
      if (this.#length <= VERSION_BYTES) this.#checkSignature()
    }
    return this.#length - before
  }

  #checkSignature(): void {
    const [first] = this.#bytes
    const last = this.#bytes[SIGNATURE_BYTES - 1] as number
    if (first !== 0xff || (this.#length >= SIGNATURE_BYTES && (last & 1) === 0))
      throw new ProtocolError('ERR_ZMTP_UNSPECIFIED', 'the greeting is not that of ZMTP 2.0 or later')
    if (this.#length === VERSION_BYTES && this.#bytes[SIGNATURE_BYTES] === 0)
      throw new ProtocolError('ERR_ZMTP_UNSPECIFIED', 'the peer speaks ZMTP 1.0, which is not spoken here')
  }

  /** The whole greeting, or undefined as long as some of it is missing. */
  greeted(): Greeted | undefined {
    const bytes = this.#bytes
    if (this.major === '2')
      return this.#length > VERSION_BYTES
        ? { version: '2.0', socketType: bytes[VERSION_BYTES] as number }
        : undefined
    if (this.#length < GREETING_BYTES) return undefined
    const isNew = (bytes[SIGNATURE_BYTES] as number) > 3 || (bytes[VERSION_BYTES] as number) >= 1
    const name = bytes.subarray(VERSION_BYTES + 1, VERSION_BYTES + 1 + MECHANISM_BYTES)
    const end = name.indexOf(0)
    return {
      version: isNew ? '3.1' : '3.0',
      mechanism: name.toString('latin1', 0, end < 0 ? MECHANISM_BYTES : end),
      isServer: bytes[VERSION_BYTES + 1 + MECHANISM_BYTES] === 1,
    }
  }
}
