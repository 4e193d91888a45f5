// Where in a value something lies: looked for only after writing failed, so that writing itself keeps no path.

const LENGTH_MAX = 200

/** The path from `root`, which is called `name`, to `culprit`; `name` alone if it is not found. */
export function pathTo(root: unknown, culprit: unknown, name: string, depthMax: number): string {
  const seen = new Set<object>()

  const search = (value: unknown, depth: number): readonly string[] | undefined => {
    if (Object.is(value, culprit)) return []
    if (typeof value !== 'object' || value === null || seen.has(value) || depth > depthMax) return undefined
    seen.add(value)
    for (const [step, child] of children(value)) {
      const rest = search(child, depth + 1)
      if (rest !== undefined) return [step, ...rest]
    }
    return undefined
  }

  const path = name + (search(root, 0) ?? []).join('')
  return path.length > LENGTH_MAX ? `${path.slice(0, LENGTH_MAX)}...` : path
}

function* children(value: object): Generator<readonly [step: string, child: unknown]> {
  if (value instanceof Map) {
    let n = 0
    for (const [key, child] of value) {
      yield [`.keys()[${n++}]`, key]
      yield [`.get(${typeof key === 'string' ? JSON.stringify(key) : String(typeof key)})`, child]
    }
  } else if (value instanceof Set) {
    let n = 0
    for (const child of value) yield [`.values()[${n++}]`, child]
  } else if (!ArrayBuffer.isView(value)) yield* properties(value)
}

function* properties(value: object): Generator<readonly [step: string, child: unknown]> {
  const keys = value instanceof Error ? ['cause', 'errors', ...Object.keys(value)] : Object.keys(value)
  for (const key of keys) yield [stepOf(key), tried(value, key)]
}

function stepOf(key: string): string {
  if (/^(0|[1-9][0-9]*)$/.test(key)) return `[${key}]`
  return /^[\p{L}_$][\p{L}\p{N}_$]*$/u.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`
}

/** A getter ran once while the value was written; one that throws the second time has nothing to show. */
function tried(value: object, key: string): unknown {
  try {
    return Reflect.get(value, key)
  } catch {
    return undefined
  }
}
