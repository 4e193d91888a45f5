// Z85 (RFC 32): four bytes as five printable characters. Keys of CURVE are 40 characters.

const digits = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#'
const values = new Map([...digits].map((digit, value) => [digit, value]))

/** Errors: RangeError when the length is not a multiple of four. */
export function z85Encode(bytes: Buffer): string {
  if (bytes.length % 4 !== 0) throw new RangeError(`Z85 takes multiples of four bytes, not ${bytes.length}`)
  let text = ''
  for (let at = 0; at < bytes.length; at += 4) {
    const value = bytes.readUInt32BE(at)
    for (let place = 85 ** 4; place >= 1; place /= 85) text += digits[Math.floor(value / place) % 85]
  }
  return text
}

/** Errors: RangeError for a character or a length that Z85 does not have. */
export function z85Decode(text: string): Buffer {
  if (text.length % 5 !== 0) throw new RangeError(`Z85 has multiples of five characters, not ${text.length}`)
  const bytes = Buffer.alloc((text.length / 5) * 4)
  for (let at = 0; at < text.length; at += 5) {
    let value = 0
    for (const digit of text.slice(at, at + 5)) value = value * 85 + digitValue(digit)
    if (value > 0xffff_ffff) throw new RangeError('Z85: five characters that say more than four bytes')
    bytes.writeUInt32BE(value, (at / 5) * 4)
  }
  return bytes
}

function digitValue(digit: string): number {
  const value = values.get(digit)
  if (value === undefined) throw new RangeError(`Z85 has no character '${digit}'`)
  return value
}
