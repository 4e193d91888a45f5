// How a consumed record is printed with -f, after kcat: %v value (also %s), %k key, %h headers, %t topic, %p partition,
// %o offset, %T timestamp in ms, %S and %K the lengths of value and key (-1 for null), %% a percent sign; and, of sockets,
// %m the whole message with a delimiter between its parts.

import { CommandError } from '../../exit.ts'
import { unescaped } from './escapes.ts'
import type { CatRecord } from './row.ts'

/** Pieces of a printed record. */
export type Formatter = (record: CatRecord) => Buffer[]

const nothing = Buffer.alloc(0)

const fields: Readonly<Record<string, (record: CatRecord) => Buffer>> = {
  v: ({ value }) => value ?? nothing,
  s: ({ value }) => value ?? nothing,
  k: ({ key }) => key ?? nothing,
  h: headersText,
  t: ({ topic }) => Buffer.from(topic),
  p: ({ partition }) => Buffer.from(String(partition)),
  o: ({ offset }) => Buffer.from(String(offset)),
  T: ({ timestamp }) => Buffer.from(String(timestamp)),
  S: ({ value }) => Buffer.from(String(value?.length ?? -1)),
  K: ({ key }) => Buffer.from(String(key?.length ?? -1)),
  '%': () => Buffer.from('%'),
}

/** Reads a format. Throws CommandError (usage) naming what it does not know. */
export function parseFormat(
  text: string,
  { partsDelimiter = nothing }: { readonly partsDelimiter?: Buffer } = {},
): Formatter {
  const known: typeof fields = { ...fields, m: record => messageText(record, partsDelimiter) }
  const parts = [...text.matchAll(/%(.)|[^%]+|%/gsu)].map(([whole, letter]) => {
    if (letter === undefined && whole !== '%') {
      const bytes = unescaped(whole)
      return () => bytes
    }
    const field = known[letter ?? '']
    if (field !== undefined) return field
    const letters = Object.keys(known).map(one => `%${one}`)
    throw new CommandError('usage', `--format has no '${whole}': it has ${letters.join(' ')}`)
  })
  return record => parts.map(part => part(record))
}

function headersText({ headers }: CatRecord): Buffer {
  return Buffer.concat(
    headers.flatMap(({ key, value }, at) => [
      Buffer.from(`${at === 0 ? '' : ','}${key}=`),
      value ?? Buffer.from('NULL'),
    ]),
  )
}

function messageText({ parts, value }: CatRecord, delimiter: Buffer): Buffer {
  if (parts === undefined) return value ?? nothing
  return Buffer.concat(parts.flatMap((part, at) => (at === 0 ? [part] : [delimiter, part])))
}
