// What can be wrong with an address, one code each.

/** Every code and what it means. */
export const addressErrors = {
  ADDRESS_SCHEME_MISSING: 'an address begins with a scheme and ://',
  ADDRESS_SCHEME_UNKNOWN: 'the scheme is none of tcp, tls, ipc, inproc, ws, wss, udp',
  ADDRESS_HOST_INVALID: 'the host is neither a name, an IPv4 address, an IPv6 address in brackets, nor *',
  ADDRESS_PORT_MISSING: 'the port is missing',
  ADDRESS_PORT_INVALID: 'the port is neither * nor a number from 0 to 65535',
  ADDRESS_PATH_INVALID: 'the path is not one that this transport has',
  ADDRESS_NAME_INVALID: 'the name is empty or too long',
  ADDRESS_WILDCARD: 'one can listen at *, but not connect to it',
  ADDRESS_INTERFACE_UNKNOWN: 'no network interface of this name has an address of the family',
  ADDRESS_NO_STREAM: 'this transport carries datagrams, not streams',
} as const

export type AddressErrorCode = keyof typeof addressErrors

/** The text of an address is wrong, or does not fit what it is used for. `address` is the whole, `part` what is wrong. */
export class AddressError extends Error {
  override readonly name = 'AddressError'
  readonly code: AddressErrorCode
  readonly address: string
  readonly part: string

  constructor(code: AddressErrorCode, address: string, part: string) {
    super(`'${address}': ${addressErrors[code]}${part === '' ? '' : `: '${part}'`}`)
    this.code = code
    this.address = address
    this.part = part
  }
}
