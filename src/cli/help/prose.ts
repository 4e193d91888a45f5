// Filling text to a width, for help.

import { widthOf } from '../output/width.ts'

/** Below this a column of text is not filled any narrower: on a tiny terminal lines stick out. */
const FILL_WIDTH_MIN = 20

/** The words of a text in lines of at most `width` columns; a longer word stands alone. */
export function filled(text: string, width: number): string[] {
  const limit = Math.max(width, FILL_WIDTH_MIN)
  const lines: string[] = []
  let line = ''
  for (const word of text.split(/\s+/).filter(part => part !== '')) {
    if (line !== '' && widthOf(line) + 1 + widthOf(word) > limit) {
      lines.push(line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  return line === '' ? lines : [...lines, line]
}

/** Each line behind so many blanks. */
export function indented(lines: readonly string[], by: number): string[] {
  return lines.map(line => ' '.repeat(by) + line)
}
