// Errors. The class is one of the language's own, by its number; a class of an application arrives as the nearest of
// those, with its own `name` kept. `message`, `name`, `cause`, `errors` and the error's own enumerable properties
// (`code`, `errno`) go with it, which structured clone leaves out in part; properties that are functions or symbols do not.
// `stack` shows paths and code of the side where the error arose, and goes only if the writer is told so: without it, the
// error's stack is its first line.

import { WireError } from '../../bytes/index.ts'
import { define } from './containers.ts'
import type { ValueReader } from './reader.ts'
import { DOM_EXCEPTION, ERROR } from './tags.ts'
import { readText, writeText } from './text.ts'
import type { ValueWriter } from './writer.ts'

/** The classes, in the order of their numbers on the wire. */
const classes = [
  Error,
  EvalError,
  RangeError,
  ReferenceError,
  SyntaxError,
  TypeError,
  URIError,
  AggregateError,
] as const

/** Properties of an error that are not enumerable. */
const hidden: ReadonlySet<string> = new Set(['message', 'name', 'stack', 'cause', 'errors'])
const texts: ReadonlySet<string> = new Set(['message', 'name', 'stack'])

export function writeError(writer: ValueWriter, value: Error): void {
  const number = classOf(value)
  const content = contentOf(value, (classes[number] ?? Error).name, writer.stacks)
  const keys = content.map(([key]) => key)
  writer.to.byte(ERROR)
  writer.to.byte(number)
  writer.shape(keys)
  for (const [, child] of content) writer.nested(child)
}

function classOf(value: Error): number {
  const found = classes.findLastIndex(one => value instanceof one)
  if (found > 0) return found
  return Math.max(
    0,
    classes.findIndex(one => one.name === value.name),
  )
}

function contentOf(value: Error, className: string, stacks: boolean): (readonly [string, unknown])[] {
  const content: (readonly [string, unknown])[] = []
  const { name, message, stack } = value
  if (typeof message === 'string' && Object.hasOwn(value, 'message')) content.push(['message', message])
  if (typeof name === 'string' && name !== className) content.push(['name', name])
  if (stacks && typeof stack === 'string') content.push(['stack', stack])
  if (Object.hasOwn(value, 'cause')) content.push(['cause', value.cause])
  if (Object.hasOwn(value, 'errors')) content.push(['errors', Reflect.get(value, 'errors')])
  for (const key of Object.keys(value)) {
    const child: unknown = hidden.has(key) ? undefined : Reflect.get(value, key)
    if (!hidden.has(key) && typeof child !== 'function' && typeof child !== 'symbol')
      content.push([key, child])
  }
  return content
}

export function readError(reader: ValueReader): Error {
  const { from } = reader
  const number = from.uint8()
  if (number >= classes.length)
    throw new WireError('WIRE_OUT_OF_RANGE', from.at - 1, `no class of errors has the number ${number}`)
  const error = bare(number)
  reader.began(error)
  const { keys } = reader.shape()
  for (const key of keys) {
    const value = reader.nested()
    if (texts.has(key) && typeof value !== 'string')
      throw new WireError('WIRE_OUT_OF_RANGE', from.at, `the ${key} of an error is no text`)
    define(error, key, value, !hidden.has(key))
  }
  if (!keys.includes('stack')) define(error, 'stack', firstLine(error), false)
  return error
}

/** An error without the stack of this decoder, which would mean nothing and costs a microsecond. */
function bare(number: number): Error {
  const { stackTraceLimit } = Error
  Error.stackTraceLimit = 0
  try {
    if (number !== classes.indexOf(AggregateError)) return new (classes[number] as ErrorConstructor)()
    const error = new AggregateError([])
    Reflect.deleteProperty(error, 'errors')
    return error
  } finally {
    Error.stackTraceLimit = stackTraceLimit
  }
}

function firstLine(error: Error): string {
  const { name, message } = error
  return message === '' ? name : `${name}: ${message}`
}

export function writeDomException(writer: ValueWriter, value: DOMException): void {
  writer.to.byte(DOM_EXCEPTION)
  writeText(writer.to, value.message)
  writeText(writer.to, value.name)
}

export function readDomException(reader: ValueReader): DOMException {
  const message = readText(reader.from)
  return new DOMException(message, readText(reader.from))
}
