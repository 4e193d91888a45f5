// bool and enum (RFC 4506, 4.3 and 4.4): an int that must be one of those listed; anything else is an error in both
// directions, as the RFC has it.

import type { Codec } from '../../bytes/index.ts'
import { broken, plainKind, refuse, type Xdr, xdrType } from './type.ts'

const boolCodec: Codec<boolean> = {
  read(from) {
    const value = from.int32()
    if (value === 0) return false
    return value === 1 ? true : broken(from.at - 4, `${value} is no bool: 0 or 1`)
  },
  write: (to, value) =>
    typeof value === 'boolean' ? to.word(value ? 1 : 0) : refuse(to, value, 'a boolean'),
}

/** bool: false is 0, true is 1. */
export const bool: Xdr<boolean> = xdrType(plainKind('bool', boolCodec))

/** enum: `members` by name. */
export function enumeration<const M extends Readonly<Record<string, number>>>(members: M): Xdr<M[keyof M]> {
  const values = [...new Set(Object.values(members))].sort((a, b) => a - b)
  const [first = 0] = values
  const last = values.at(-1) ?? first
  const listed = new Set(values)
  const isMember =
    last - first + 1 === values.length
      ? (value: number) => (value | 0) === value && value >= first && value <= last
      : (value: number) => listed.has(value)
  const codec: Codec<number> = {
    read(from) {
      const value = from.int32()
      return isMember(value) ? value : broken(from.at - 4, `${value} is none of ${names(members)}`)
    },
    write: (to, value) => (isMember(value) ? to.word(value) : refuse(to, value, `one of ${names(members)}`)),
  }
  return xdrType(plainKind('enum', codec as unknown as Codec<M[keyof M]>))
}

const NAMES_SHOWN_MAX = 8

function names(members: Readonly<Record<string, number>>): string {
  const all = Object.entries(members).map(([name, value]) => `${name} (${value})`)
  const rest = all.length - NAMES_SHOWN_MAX
  return rest > 0 ? `${all.slice(0, NAMES_SHOWN_MAX).join(', ')} and ${rest} more` : all.join(', ')
}
