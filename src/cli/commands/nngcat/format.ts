// How nngcat prints a message (nngcat(1), --format).

export const nngFormats = ['no', 'ascii', 'hex', 'msgpack', 'quoted', 'raw'] as const
export type NngFormat = (typeof nngFormats)[number]

/** The bytes to print. */
export function printed(format: NngFormat, body: Buffer): Buffer {
  switch (format) {
    case 'no':
      return Buffer.alloc(0)
    case 'raw':
      return body
    case 'ascii':
      return Buffer.from(
        `${[...body].map(byte => (isPrintable(byte) ? String.fromCharCode(byte) : '.')).join('')}\n`,
      )
    case 'quoted':
      return Buffer.from(`"${[...body].map(quoted).join('')}"\n`)
    case 'hex':
      return Buffer.from(`"${[...body].map(escaped).join('')}"\n`)
    case 'msgpack':
      return Buffer.concat([binaryHead(body.length), body])
  }
}

const named: Readonly<Record<string, string>> = {
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '"': '\\"',
  '\\': '\\\\',
}

function quoted(byte: number): string {
  const letter = String.fromCharCode(byte)
  return named[letter] ?? (isPrintable(byte) ? letter : escaped(byte))
}

function escaped(byte: number): string {
  return `\\x${byte.toString(16).padStart(2, '0')}`
}

function isPrintable(byte: number): boolean {
  return byte >= 0x20 && byte < 0x7f
}

/** bin 8, bin 16 or bin 32 of MessagePack. */
function binaryHead(length: number): Buffer {
  if (length <= 0xff) return Buffer.from([0xc4, length])
  const head = Buffer.alloc(length <= 0xffff ? 3 : 5)
  head[0] = length <= 0xffff ? 0xc5 : 0xc6
  head.writeUIntBE(length, 1, head.length - 1)
  return head
}
