// Names of record headers as text and as bytes. A head that makes records gives them the same few names, message for
// message; encoding and decoding each anew costs two calls out of JavaScript a header and a string. Bounded: names that
// do not fit are encoded each time, and a name that comes to the place of another takes it.

const NAMES_MAX = 256
/** Longer names are rare, and a loop over them no cheaper than the call. */
const NAME_BYTES_MAX = 32

interface Name {
  readonly text: string
  readonly bytes: Buffer
}

const byText = new Map<string, Buffer>()
/** By length and three of the bytes. */
const byBytes: (Name | undefined)[] = new Array(NAMES_MAX).fill(undefined)

/** The UTF-8 of a name, which is not to be changed. */
export function headerNameBytes(text: string): Buffer {
  const known = byText.get(text)
  if (known !== undefined) return known
  const bytes = Buffer.from(text)
  if (byText.size < NAMES_MAX && bytes.length <= NAME_BYTES_MAX) byText.set(text, bytes)
  return bytes
}

/** The text of the UTF-8 in `block[from, to)`. */
export function headerNameAt(block: Buffer, from: number, to: number): string {
  const length = to - from
  if (length === 0 || length > NAME_BYTES_MAX) return block.toString('utf8', from, to)
  const middle = from + (length >> 1)
  const sum =
    length + 5 * (block[from] as number) + 17 * (block[middle] as number) + 31 * (block[to - 1] as number)
  const place = sum % NAMES_MAX
  const known = byBytes[place]
  if (known !== undefined && isAt(known.bytes, block, from, length)) return known.text
  const text = block.toString('utf8', from, to)
  byBytes[place] = { text, bytes: Buffer.from(block.subarray(from, to)) }
  return text
}

function isAt(bytes: Buffer, block: Buffer, from: number, length: number): boolean {
  if (bytes.length !== length) return false
  for (let n = 0; n < length; n++) if (bytes[n] !== block[from + n]) return false
  return true
}
