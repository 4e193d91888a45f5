// Everything that is neither a plain object nor an array nor a view: dates, patterns, collections, boxed primitives,
// instances of classes; and what cannot be copied at all.

import { types } from 'node:util'
import { type Reader, WireError } from '../../bytes/index.ts'
import { writeBuffer } from './binary.ts'
import { writeMap, writeObject, writeSet } from './containers.ts'
import { Unwritable } from './errors.ts'
import { writeDomException, writeError } from './failures.ts'
import type { ValueLimits } from './limits.ts'
import * as tags from './tags.ts'
import { readText, writeText } from './text.ts'
import type { ValueWriter } from './writer.ts'

export function writeRare(writer: ValueWriter, value: object): void {
  if (types.isDate(value)) writeDate(writer, value)
  else if (types.isMap(value)) writeMap(writer, value)
  else if (types.isSet(value)) writeSet(writer, value)
  else if (value instanceof DOMException) writeDomException(writer, value)
  else if (types.isNativeError(value) || value instanceof Error) writeError(writer, value)
  else if (types.isRegExp(value)) writePattern(writer, value)
  else if (types.isArrayBuffer(value)) writeBuffer(writer, value)
  else if (types.isBoxedPrimitive(value)) writeBoxed(writer, value)
  else writeInstance(writer, value)
}

function writeInstance(writer: ValueWriter, value: object): void {
  const what = notCloneable(value)
  if (what !== undefined) throw new Unwritable('VALUE_NOT_CLONEABLE', `${what} cannot be copied`, value)
  writeObject(writer, value)
}

function writeDate(writer: ValueWriter, value: Date): void {
  writer.to.byte(tags.DATE)
  writer.to.float64(value.getTime())
}

function writePattern(writer: ValueWriter, value: RegExp): void {
  const { patternLengthMax } = writer.limits
  if (value.source.length > patternLengthMax)
    throw new Unwritable('VALUE_TOO_LARGE', `a RegExp of more than ${patternLengthMax} characters`, value)
  writer.to.byte(tags.REGEXP)
  writeText(writer.to, value.source)
  writeText(writer.to, value.flags)
}

function writeBoxed(writer: ValueWriter, value: object): void {
  if (types.isSymbolObject(value))
    throw new Unwritable('VALUE_NOT_CLONEABLE', 'a symbol cannot be copied', value)
  writer.to.byte(tags.BOXED)
  writer.nested(value.valueOf())
}

/** What of the language and the runtime has no content that could be copied: structured clone refuses these too. */
function notCloneable(value: object): string | undefined {
  if (types.isPromise(value)) return 'a Promise'
  if (types.isWeakMap(value)) return 'a WeakMap'
  if (types.isWeakSet(value)) return 'a WeakSet'
  if (value instanceof WeakRef) return 'a WeakRef'
  if (types.isSharedArrayBuffer(value)) return 'a SharedArrayBuffer'
  if (types.isGeneratorObject(value)) return 'a generator'
  if (types.isMapIterator(value) || types.isSetIterator(value)) return 'an iterator'
  if (types.isExternal(value)) return 'memory of a native module'
  return undefined
}

/** Milliseconds from 1970 that a Date can have to either side. */
const DATE_MAX = 8.64e15

export function readDate(from: Reader): Date {
  const time = from.float64()
  if (!Number.isNaN(time) && !(Number.isInteger(time) && Math.abs(time) <= DATE_MAX))
    throw new WireError('WIRE_OUT_OF_RANGE', from.at - 8, `${time} is the time of no Date`)
  return new Date(time)
}

/** A pattern is only made here, never run; one that is to be run on long text is for the application to judge. */
export function readPattern(from: Reader, limits: ValueLimits): RegExp {
  const start = from.at
  const source = readText(from)
  const flags = readText(from)
  if (source.length > limits.patternLengthMax || flags.length > FLAGS_MAX)
    throw new WireError('WIRE_OUT_OF_RANGE', start, `a RegExp of ${source.length} characters`)
  try {
    return new RegExp(source, flags)
  } catch (error) {
    throw new WireError('WIRE_OUT_OF_RANGE', start, error instanceof Error ? error.message : 'no RegExp')
  }
}

/** There are eight flags, none of which may come twice. */
const FLAGS_MAX = 8

export function boxed(from: Reader, value: unknown): object {
  if (value !== null && value !== undefined && typeof value !== 'object' && typeof value !== 'function')
    return Object(value)
  throw new WireError('WIRE_OUT_OF_RANGE', from.at, 'only a primitive can be boxed')
}
