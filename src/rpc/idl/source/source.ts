// Text that is compiled, and places in it.

/** A file that was read. */
export interface Source {
  /** As diagnostics call it: the path that was given, or found for an #include. */
  readonly name: string
  readonly text: string
}

/** A stretch of a source. `offset` and `length` count UTF-16 units. */
export interface Place {
  readonly source: Source
  readonly offset: number
  readonly length: number
}

/** Where a place begins, as people count. */
export interface Position {
  /** From 1. */
  readonly line: number
  /** From 1. */
  readonly column: number
  /** The whole line, without its end. */
  readonly text: string
}

export function positionOf({ source: { text }, offset }: Place): Position {
  const begin = text.lastIndexOf('\n', offset - 1) + 1
  const end = text.indexOf('\n', offset)
  let line = 1
  for (let at = text.indexOf('\n'); at !== -1 && at < begin; at = text.indexOf('\n', at + 1)) line++
  const whole = text.slice(begin, end === -1 ? text.length : end)
  return { line, column: offset - begin + 1, text: whole.replace(/\r$/, '') }
}
