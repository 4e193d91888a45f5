// Backslash escapes as people type them in formats and delimiters: \n, \t, \r, \0, \\ and \x1f.

const named: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', '0': '\0', '\\': '\\' }

/** The bytes that the text means; \x80 and above are single bytes, everything else is UTF-8. */
export function unescaped(text: string): Buffer {
  const parts: Buffer[] = []
  for (const match of text.matchAll(/\\x([\da-f]{2})|\\([ntr0\\])|[^\\]+|\\/gi)) {
    const [whole, hex, letter] = match
    if (hex !== undefined) parts.push(Buffer.from(hex, 'hex'))
    else parts.push(Buffer.from(letter === undefined ? whole : (named[letter] ?? whole)))
  }
  return Buffer.concat(parts)
}
