// The properties of a message (specification section 4.2.6.1, class basic): words of flags, bit 15 first, and after them the
// values of those that are present. A flag word whose bit 0 is set is followed by another. Kept as the bytes that came, so
// that they go out again as they were; a single property is found by passing over those before it.
//
// Absent is not the same as empty.

import type { FieldTable } from '../../../broker/field-value.ts'
import { Reader, WireError, Writer } from '../../../bytes/index.ts'
import { readShortstr, writeShortstr } from './shortstr.ts'
import { editTable, readTable, writeTable } from './table.ts'

/** All properties in the order of their flags, with the form of their values. */
const forms = {
  contentType: 'shortstr',
  contentEncoding: 'shortstr',
  headers: 'table',
  deliveryMode: 'octet',
  priority: 'octet',
  correlationId: 'shortstr',
  replyTo: 'shortstr',
  expiration: 'shortstr',
  messageId: 'shortstr',
  timestamp: 'timestamp',
  type: 'shortstr',
  userId: 'shortstr',
  appId: 'shortstr',
  clusterId: 'shortstr',
} as const

type Forms = typeof forms
type ValueOf = { shortstr: string; table: FieldTable; octet: number; timestamp: number | bigint }

export type PropertyName = keyof Forms
/** Names of the properties that are short strings. */
export type TextProperty = {
  [K in PropertyName]: Forms[K] extends 'shortstr' ? K : never
}[PropertyName]

/** What a writer gives. `timestamp` is in seconds since 1970. */
export type PropertyValues = { readonly [K in PropertyName]?: ValueOf[Forms[K]] | undefined }

interface Place {
  readonly name: PropertyName
  readonly form: Forms[PropertyName]
  readonly mask: number
}

const places: readonly Place[] = (Object.keys(forms) as PropertyName[]).map((name, n) => ({
  name,
  form: forms[name],
  mask: 1 << (15 - n),
}))
const indexOf = Object.fromEntries(places.map(({ name }, n) => [name, n])) as Record<PropertyName, number>

/** Flags of all properties that are short strings. */
const textFlags = places.reduce((flags, { form, mask }) => (form === 'shortstr' ? flags | mask : flags), 0)

const FLAG_BYTES = 2
const CONTINUED = 0x0001
/** Bit 1 belongs to no property. */
const UNUSED = 0x0002

/** A parsed view over the bytes of the properties, which it borrows. */
export class Properties {
  /** Flags and values as they came. */
  readonly raw: Buffer
  readonly #flags: number
  readonly #valuesAt: number

  private constructor(raw: Buffer, flags: number, valuesAt: number) {
    this.raw = raw
    this.#flags = flags
    this.#valuesAt = valuesAt
  }

  /**
   * The properties that are all of `raw`. Lengths are checked, values are not looked into. Errors: WireError for flags
   * that no property has, values that end too late or too early.
   */
  static read(raw: Buffer): Properties {
    const [flags, valuesAt] = readFlags(raw)
    const properties = new Properties(raw, flags, valuesAt)
    const end = properties.#offsetOf(places.length)
    if (end !== raw.length)
      throw new WireError('WIRE_TRAILING_BYTES', end, `${raw.length - end} bytes follow the properties`)
    return properties
  }

  /** Errors: WireError for a text above 255 bytes. */
  static of(values: PropertyValues): Properties {
    return Properties.read(encodeProperties(values))
  }

  has(name: PropertyName): boolean {
    return (this.#flags & (places[indexOf[name]] as Place).mask) !== 0
  }

  /** Whether any short string is among them. */
  get hasTexts(): boolean {
    return (this.#flags & textFlags) !== 0
  }

  /** A text. Errors: WireError when it is not UTF-8. */
  text(name: TextProperty): string | undefined {
    const at = this.#find(indexOf[name])
    return at < 0 ? undefined : readShortstr(new Reader(this.raw, at))
  }

  /** The bytes of a text, without its length; borrowed. */
  bytes(name: TextProperty): Buffer | undefined {
    const at = this.#find(indexOf[name])
    return at < 0 ? undefined : this.raw.subarray(at + 1, at + 1 + (this.raw[at] as number))
  }

  get contentType(): string | undefined {
    return this.text('contentType')
  }
  get contentEncoding(): string | undefined {
    return this.text('contentEncoding')
  }
  /** Decoded at each call. Errors: WireError when the table is broken. */
  get headers(): FieldTable | undefined {
    const at = this.#find(indexOf.headers)
    return at < 0 ? undefined : readTable(new Reader(this.raw, at))
  }
  /** The bytes of the headers, their length included; borrowed. */
  get headerBytes(): Buffer | undefined {
    const at = this.#find(indexOf.headers)
    return at < 0 ? undefined : this.raw.subarray(at, at + 4 + this.raw.readUInt32BE(at))
  }
  get deliveryMode(): number | undefined {
    return this.#octet(indexOf.deliveryMode)
  }
  get priority(): number | undefined {
    return this.#octet(indexOf.priority)
  }
  get correlationId(): string | undefined {
    return this.text('correlationId')
  }
  get replyTo(): string | undefined {
    return this.text('replyTo')
  }
  /** A number of milliseconds as text, if the publisher kept to the rule. */
  get expiration(): string | undefined {
    return this.text('expiration')
  }
  get messageId(): string | undefined {
    return this.text('messageId')
  }
  /** Seconds since 1970; a bigint beyond 2^53. */
  get timestamp(): number | bigint | undefined {
    const at = this.#find(indexOf.timestamp)
    if (at < 0) return undefined
    const seconds = this.raw.readUInt32BE(at) * 0x1_0000_0000 + this.raw.readUInt32BE(at + 4)
    return Number.isSafeInteger(seconds) ? seconds : this.raw.readBigUInt64BE(at)
  }
  get type(): string | undefined {
    return this.text('type')
  }
  get userId(): string | undefined {
    return this.text('userId')
  }
  get appId(): string | undefined {
    return this.text('appId')
  }
  get clusterId(): string | undefined {
    return this.text('clusterId')
  }

  /** All of them decoded, for people and tests. */
  values(): PropertyValues {
    const given = places.filter(({ name }) => this.has(name))
    return Object.fromEntries(given.map(({ name }) => [name, this[name]])) as PropertyValues
  }

  /**
   * The same properties without `drop`, and with headers edited; all other bytes stay as they are. Errors: WireError when
   * the headers are broken.
   */
  edited(edit: PropertiesEdit): Properties {
    const headers = this.#editedHeaders(edit)
    let flags = headers === undefined ? 0 : (places[indexOf.headers] as Place).mask
    const parts: Buffer[] = []
    for (let n = 0; n < places.length; n++) {
      const { name, mask } = places[n] as Place
      if (name === 'headers') {
        if (headers !== undefined) parts.push(headers)
      } else if (name === 'replyTo' && edit.replyTo !== undefined) {
        flags |= mask
        parts.push(shortstr(edit.replyTo))
      } else if ((this.#flags & mask) !== 0 && edit.drop?.includes(name) !== true) {
        flags |= mask
        parts.push(this.raw.subarray(this.#offsetOf(n), this.#offsetOf(n + 1)))
      }
    }
    const flagBytes = Buffer.from([flags >> 8, flags & 0xff])
    return Properties.read(Buffer.concat([flagBytes, ...parts]))
  }

  #editedHeaders({ removeHeaders, addHeaders = new Map() }: PropertiesEdit): Buffer | undefined {
    const bytes = this.headerBytes
    if (bytes === undefined && addHeaders.size === 0) return undefined
    return editTable(bytes ?? Buffer.alloc(4), removeHeaders ?? (() => false), addHeaders)
  }

  #octet(index: number): number | undefined {
    const at = this.#find(index)
    return at < 0 ? undefined : this.raw[at]
  }

  /** Where the value begins, -1 when it is absent. */
  #find(index: number): number {
    return (this.#flags & (0x8000 >> index)) === 0 ? -1 : this.#offsetOf(index)
  }

  /** Where the values before `index` end. Errors: WireError when that is beyond the bytes. */
  #offsetOf(index: number): number {
    const { raw } = this
    let at = this.#valuesAt
    for (let n = 0; n < index; n++) {
      const place = places[n] as Place
      if ((this.#flags & place.mask) === 0) continue
      at += valueBytes(raw, at, place.form)
      if (at > raw.length) throw tooShort(raw, place.name)
    }
    return at
  }
}

function shortstr(text: string): Buffer {
  const to = new Writer(64)
  writeShortstr(to, text)
  return Buffer.concat(to.finish())
}

/** What `Properties.edited` changes. */
export interface PropertiesEdit {
  readonly drop?: readonly Exclude<PropertyName, 'headers'>[]
  readonly removeHeaders?: (name: string) => boolean
  readonly addHeaders?: FieldTable
  /** Instead of the reply-to that is there. */
  readonly replyTo?: string
}

/** A message without properties. */
export const noProperties = Properties.read(Buffer.alloc(FLAG_BYTES))

/** Flags and values. Errors: WireError for a text above 255 bytes. */
export function encodeProperties(values: PropertyValues): Buffer {
  const to = new Writer(128)
  let flags = 0
  for (const { name, mask } of places) if (values[name] !== undefined) flags |= mask
  to.uint16(flags)
  for (const { name, form } of places) {
    const value = values[name]
    if (value !== undefined) writeValue(to, form, value)
  }
  return Buffer.concat(to.finish())
}

function readFlags(raw: Buffer): [flags: number, valuesAt: number] {
  if (raw.length < FLAG_BYTES) throw new WireError('WIRE_TRUNCATED', 0, 'the property flags are missing')
  const flags = raw.readUInt16BE(0)
  let word = flags
  let at = FLAG_BYTES
  if ((flags & UNUSED) !== 0) throw unknownFlags(flags, 0)
  while ((word & CONTINUED) !== 0) {
    if (at + FLAG_BYTES > raw.length)
      throw new WireError('WIRE_TRUNCATED', at, 'the property flags go on beyond the frame')
    word = raw.readUInt16BE(at)
    // A value of unknown form cannot be passed over.
    if ((word & ~CONTINUED) !== 0) throw unknownFlags(word, at)
    at += FLAG_BYTES
  }
  return [flags, at]
}

function valueBytes(raw: Buffer, at: number, form: Forms[PropertyName]): number {
  switch (form) {
    case 'shortstr':
      return 1 + (raw[at] ?? 0)
    case 'table':
      return at + 4 > raw.length ? 4 : 4 + raw.readUInt32BE(at)
    case 'octet':
      return 1
    case 'timestamp':
      return 8
  }
}

function writeValue(to: Writer, form: Forms[PropertyName], value: ValueOf[Forms[PropertyName]]): void {
  if (typeof value === 'string') writeShortstr(to, value)
  else if (typeof value === 'object') writeTable(to, value)
  else if (form === 'octet') to.uint8(Number(value))
  else {
    const bytes = Buffer.allocUnsafe(8)
    bytes.writeBigUInt64BE(BigInt(value), 0)
    to.raw(bytes)
  }
}

function tooShort(raw: Buffer, name: PropertyName): WireError {
  return new WireError('WIRE_TRUNCATED', raw.length, 'the value goes on beyond the frame', name)
}

function unknownFlags(word: number, at: number): WireError {
  return new WireError('WIRE_OUT_OF_RANGE', at, `property flags 0x${word.toString(16)} name no property`)
}
