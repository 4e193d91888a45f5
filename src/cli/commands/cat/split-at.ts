// The parts of a message that one record holds.

/** The bytes between delimiters; one part when there is none. Slices. */
export function splitAt(bytes: Buffer, delimiter: Buffer): Buffer[] {
  const parts: Buffer[] = []
  let from = 0
  for (let at = bytes.indexOf(delimiter); at >= 0; at = bytes.indexOf(delimiter, from)) {
    parts.push(bytes.subarray(from, at))
    from = at + delimiter.length
  }
  parts.push(bytes.subarray(from))
  return parts
}
