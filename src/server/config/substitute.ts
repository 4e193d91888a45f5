// ${NAME} in the strings of a configuration, from the environment: `${NAME}` must be set, `${NAME:-other}` falls back,
// `$${` stands for itself. So that secrets need not stand in the file, and one file serves several places.

import type { Json } from './jsonc.ts'

export interface Substituted {
  readonly value: Json
  /** Paths of strings that something was put into: they may stand for numbers and booleans too. */
  readonly paths: ReadonlySet<string>
  /** Path and name of each variable that is not set. */
  readonly missing: readonly { readonly path: string; readonly name: string }[]
}

/** Puts the variables into every string; names of fields stay as they are. */
export function substitute(value: Json, env: Readonly<Record<string, string | undefined>>): Substituted {
  const paths = new Set<string>()
  const missing: { path: string; name: string }[] = []
  const inText = (text: string, path: string): string =>
    text.replace(/\$(\$\{)|\$\{([A-Za-z_]\w*)(?::-([^}]*))?\}/g, (_all, escaped, name: string, other) => {
      if (escaped !== undefined) return '${'
      paths.add(path)
      const found = env[name] ?? other
      if (found === undefined) missing.push({ path, name })
      return found ?? ''
    })
  const walk = (one: Json, path: string): Json => {
    if (typeof one === 'string') return inText(one, path)
    if (Array.isArray(one)) return one.map((item, at) => walk(item, `${path}[${at}]`))
    if (one === null || typeof one !== 'object') return one
    const entries = Object.entries(one).map(([name, item]) => [name, walk(item, joined(path, name))] as const)
    return Object.fromEntries(entries)
  }
  return { value: walk(value, ''), paths, missing }
}

/** The path of a field: `listeners["kafka.internal"].sasl`. */
export function joined(path: string, name: string): string {
  if (!/^[A-Za-z_$][\w$-]*$/.test(name)) return `${path}[${JSON.stringify(name)}]`
  return path === '' ? name : `${path}.${name}`
}
