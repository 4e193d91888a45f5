// A hash for choosing destinations: quick, spread evenly, and the same at every start. Not for secrets.

/** FNV-1a over the UTF-16 units, stirred: 32 bits. */
export function textHash(text: string): number {
  let hash = 0x811c9dc5
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  return stir(hash)
}

/** Two hashes as one. */
export function joinHashes(one: number, other: number): number {
  return stir(one ^ Math.imul(other, 0x9e3779b1))
}

/** The finalizer of MurmurHash3: each bit of the input changes each of the output with even chance. */
function stir(hash: number): number {
  let h = hash
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}
