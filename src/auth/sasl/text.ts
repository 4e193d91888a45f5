// Texts inside SASL messages: strict UTF-8, strict base64, and the user name escapes of RFC 5802 section 5.1. All
// answer undefined to bad input instead of throwing, because the input comes from strangers.

import { SASL_MESSAGE_BYTES_MAX, USER_NAME_BYTES_MAX } from '../limits.ts'

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const base64Form = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/

/** The bytes as text, or undefined if they are not UTF-8 or more than a SASL message may have. */
export function decodeText(bytes: Buffer): string | undefined {
  if (bytes.length > SASL_MESSAGE_BYTES_MAX) return undefined
  try {
    return utf8.decode(bytes)
  } catch {
    return undefined
  }
}

/** The bytes that the base64 text stands for, or undefined if it is not base64 with its padding. */
export function decodeBase64(text: string): Buffer | undefined {
  return base64Form.test(text) ? Buffer.from(text, 'base64') : undefined
}

/** The name behind a saslname (`=2C` is a comma, `=3D` an equals sign), or undefined if another `=` is in it. */
export function decodeSaslName(text: string): string | undefined {
  if (text === '' || text.includes('\0') || /=(?!2C|3D)/.test(text)) return undefined
  return text.replaceAll('=2C', ',').replaceAll('=3D', '=')
}

/** The saslname of a user name. */
export function encodeSaslName(name: string): string {
  return name.replaceAll('=', '=3D').replaceAll(',', '=2C')
}

/** True for a name that a user may have: not empty, no NUL, whole characters, at most USER_NAME_BYTES_MAX bytes. */
export function isUserName(name: string): boolean {
  return (
    name !== '' &&
    !name.includes('\0') &&
    !/\p{Surrogate}/u.test(name) &&
    Buffer.byteLength(name) <= USER_NAME_BYTES_MAX
  )
}
