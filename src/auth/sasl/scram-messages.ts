// The messages of SCRAM (RFC 5802 sections 5 and 7): reading and writing, no state. Readers answer with the RFC's
// server-error value instead of throwing. What was read is kept as it came where it is signed later, so that
// unknown optional extensions count in the signature as the RFC asks.

import { SCRAM_NONCE_LENGTH_MAX } from '../limits.ts'
import { decodeBase64, decodeSaslName, isUserName } from './text.ts'

/** The server-error values of RFC 5802 section 7 that are sent here. `unknown-user` is not: it would tell. */
export type ScramErrorValue =
  | 'invalid-encoding'
  | 'extensions-not-supported'
  | 'invalid-proof'
  | 'channel-bindings-dont-match'
  | 'channel-binding-not-supported'
  | 'invalid-username-encoding'
  | 'other-error'

/** Why a message is refused: the value for the peer and the words for the log. */
export interface Malformed {
  readonly at: 'malformed'
  readonly value: ScramErrorValue
  readonly reason: string
}

export interface ClientFirst {
  readonly at: 'client-first'
  /** `n,,` or the like, which comes back in the final message. */
  readonly gs2Header: string
  readonly authzid: string
  readonly user: string
  readonly nonce: string
  /** All after the gs2 header, as it came. */
  readonly bare: string
}

export interface ClientFinal {
  readonly at: 'client-final'
  /** The decoded `c=`: the gs2 header again, as there is no channel binding. */
  readonly channelBinding: Buffer
  readonly nonce: string
  readonly proof: Buffer
  /** All before `,p=`, as it came. */
  readonly withoutProof: string
}

export interface ServerFirst {
  readonly at: 'server-first'
  readonly nonce: string
  readonly salt: Buffer
  readonly iterations: number
}

export type ServerFinal =
  | { readonly at: 'verified'; readonly signature: Buffer }
  | { readonly at: 'refused'; readonly error: string }

const nonceForm = /^[\x21-\x2b\x2d-\x7e]+$/

/** Reads `n,[a=authzid],n=user,r=nonce[,extensions]`. */
export function readClientFirst(text: string): ClientFirst | Malformed {
  if (text.startsWith('p=')) return malformed('channel-binding-not-supported', 'it asks for channel binding')
  const [flag, authzidPart, ...attributes] = text.split(',')
  if (flag !== 'n' && flag !== 'y') return malformed('invalid-encoding', 'it has no gs2 header')
  if (authzidPart === undefined || !/^(?:$|a=)/.test(authzidPart))
    return malformed('invalid-encoding', 'the authorization id is malformed')
  const authzid = authzidPart === '' ? '' : decodeSaslName(authzidPart.slice(2))
  if (authzid === undefined)
    return malformed('invalid-username-encoding', 'the authorization id is malformed')
  const gs2Header = `${flag},${authzidPart},`
  return readBare(attributes, { gs2Header, authzid, bare: text.slice(gs2Header.length) })
}

function readBare(
  [name, nonce, ...extensions]: readonly string[],
  header: Pick<ClientFirst, 'gs2Header' | 'authzid' | 'bare'>,
): ClientFirst | Malformed {
  if (name?.startsWith('m=')) return malformed('extensions-not-supported', 'it has a mandatory extension')
  if (!name?.startsWith('n=')) return malformed('invalid-encoding', 'it has no user name')
  const user = decodeSaslName(name.slice(2))
  if (user === undefined || !isUserName(user))
    return malformed('invalid-username-encoding', 'the user name is empty, too long or badly escaped')
  if (!nonce?.startsWith('r=') || !isNonce(nonce.slice(2)))
    return malformed('invalid-encoding', 'the nonce is missing, too long or not printable')
  if (!extensions.every(isExtension)) return malformed('invalid-encoding', 'an extension is malformed')
  return { at: 'client-first', ...header, user, nonce: nonce.slice(2) }
}

/** Reads `c=binding,r=nonce[,extensions],p=proof`. */
export function readClientFinal(text: string): ClientFinal | Malformed {
  const attributes = text.split(',')
  const [binding, nonce] = attributes
  const proof = attributes.at(-1)
  if (binding?.startsWith('m=')) return malformed('extensions-not-supported', 'it has a mandatory extension')
  const channelBinding = binding?.startsWith('c=') ? decodeBase64(binding.slice(2)) : undefined
  if (channelBinding === undefined) return malformed('invalid-encoding', 'the channel binding is malformed')
  if (!nonce?.startsWith('r=') || nonce === 'r=') return malformed('invalid-encoding', 'it has no nonce')
  if (!attributes.slice(2, -1).every(isExtension))
    return malformed('invalid-encoding', 'an extension is malformed')
  const proofBytes =
    attributes.length > 2 && proof?.startsWith('p=') ? decodeBase64(proof.slice(2)) : undefined
  if (proof === undefined || proofBytes === undefined)
    return malformed('invalid-encoding', 'the proof is missing or not base64')
  return {
    at: 'client-final',
    channelBinding,
    nonce: nonce.slice(2),
    proof: proofBytes,
    withoutProof: text.slice(0, -proof.length - 1),
  }
}

/** Reads `r=nonce,s=salt,i=iterations[,extensions]`. */
export function readServerFirst(text: string): ServerFirst | Malformed {
  const [nonce, salt, iterations, ...extensions] = text.split(',')
  if (nonce?.startsWith('m=')) return malformed('extensions-not-supported', 'it has a mandatory extension')
  if (!nonce?.startsWith('r=') || !isNonce(nonce.slice(2), 2 * SCRAM_NONCE_LENGTH_MAX))
    return malformed('invalid-encoding', 'the nonce is missing, too long or not printable')
  const saltBytes = salt?.startsWith('s=') ? decodeBase64(salt.slice(2)) : undefined
  if (saltBytes === undefined || saltBytes.length === 0)
    return malformed('invalid-encoding', 'the salt is missing or not base64')
  if (iterations === undefined || !/^i=[1-9]\d{0,8}$/.test(iterations))
    return malformed('invalid-encoding', 'the iteration count is missing or no number')
  if (!extensions.every(isExtension)) return malformed('invalid-encoding', 'an extension is malformed')
  return {
    at: 'server-first',
    nonce: nonce.slice(2),
    salt: saltBytes,
    iterations: Number(iterations.slice(2)),
  }
}

/** Reads `v=signature` or `e=error`, extensions ignored. */
export function readServerFinal(text: string): ServerFinal | Malformed {
  const [first = ''] = text.split(',')
  if (first.startsWith('e=') && first.length > 2) return { at: 'refused', error: first.slice(2) }
  const signature = first.startsWith('v=') ? decodeBase64(first.slice(2)) : undefined
  return signature === undefined
    ? malformed('invalid-encoding', 'it has neither signature nor error')
    : { at: 'verified', signature }
}

/** Writes the server's first message. */
export function writeServerFirst({ nonce, salt, iterations }: Omit<ServerFirst, 'at'>): string {
  return `r=${nonce},s=${salt.toString('base64')},i=${iterations}`
}

function isNonce(text: string, lengthMax = SCRAM_NONCE_LENGTH_MAX): boolean {
  return text.length <= lengthMax && nonceForm.test(text)
}

/** RFC 5802 names extensions by one letter; Kafka has names of several (`tokenauth=true`). */
function isExtension(text: string): boolean {
  return /^[A-Za-z]+=[^\0]+$/.test(text)
}

function malformed(value: ScramErrorValue, reason: string): Malformed {
  return { at: 'malformed', value, reason }
}
