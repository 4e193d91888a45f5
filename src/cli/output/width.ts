// How many columns of a terminal a text takes: one per code point, two for the East Asian wide ranges and emoji
// (Unicode UAX #11), none for combining marks and joiners. A rule of thumb, as terminals themselves disagree.

const wide =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|[\u{1f300}-\u{1f64f}\u{1f680}-\u{1f6ff}\u{1f900}-\u{1faff}\u{20000}-\u{3fffd}]/u
const nothing = /\p{Mn}|\p{Me}|\p{Cf}/u
// biome-ignore lint/suspicious/noControlCharactersInRegex: SGR sequences begin with ESC
const paints = /\x1b\[[0-9;]*m/g
// biome-ignore lint/suspicious/noControlCharactersInRegex: the range is exactly printable ASCII's complement
const beyondAscii = /[^\x00-\x7f]/

/** Columns that the text takes. Colour codes count nothing. */
export function widthOf(text: string): number {
  const bare = text.replace(paints, '')
  if (!beyondAscii.test(bare)) return bare.length
  let width = 0
  for (const character of bare) width += characterWidth(character)
  return width
}

/** The text filled with blanks to a width, on the left for what stands right. */
export function padded(text: string, width: number, right = false): string {
  const blanks = ' '.repeat(Math.max(0, width - widthOf(text)))
  return right ? blanks + text : text + blanks
}

/** The text cut to at most `width` columns, with '…' as its last where something was cut. Knows no colour codes. */
export function cut(text: string, width: number): string {
  if (widthOf(text) <= width) return text
  if (width < 1) return ''
  let kept = ''
  let used = 0
  for (const character of text) {
    const next = used + characterWidth(character)
    if (next > width - 1) break
    kept += character
    used = next
  }
  return `${kept}…`
}

function characterWidth(character: string): number {
  if (nothing.test(character)) return 0
  return wide.test(character) ? 2 : 1
}
