// Arguments on the wire, and what comes back of those that are restored.
//
//   CALL     [n, n * (position, 0 inout | 1 out)], count, values: the marked ones first, in the order of their marks
//   RESULT   [changes of the marked ones (restore/)], the result

import { type Reader, WireError, type Writer } from '../../bytes/index.ts'
import { kindOf } from '../refs/by-reference.ts'
import {
  directionOf,
  fullBytesOf,
  type InOut,
  markOf,
  type Out,
  type ParameterWatch,
  readChanges,
  watchParameters,
} from '../restore/index.ts'
import type { OutgoingReferences, ValueReader, ValueWriter } from '../value/index.ts'
import { CallError } from './errors.ts'
import { callLimits } from './limits.ts'

type Mark = InOut<object> | Out<object>

/** Arguments of ours that are restored when the answer comes. */
export interface Restored {
  /** What was marked. */
  readonly parameters: readonly object[]
  /** All objects in them, as they were numbered. */
  readonly nodes: readonly object[]
  /** Those that only come back. */
  readonly emptied: ReadonlySet<object>
}

/** What restoring has brought and spared. */
export interface RestoredBytes {
  /** Bytes that came. */
  readonly sentBytes: number
  /** Bytes that sending the parameters back whole would have taken. */
  readonly fullBytes: number
}

/** Whether some arguments come back. */
export function hasMarks(args: readonly unknown[]): boolean {
  return args.some(arg => markOf(arg) !== undefined)
}

/** Errors: ValueError; CallError CALL_BAD_ARGUMENTS. */
export function writeArguments(to: Writer, values: ValueWriter, args: readonly unknown[]): void {
  if (args.length > callLimits.argumentsMax)
    throw new CallError('CALL_BAD_ARGUMENTS', `${args.length}, at most ${callLimits.argumentsMax}`)
  to.uvarint(args.length)
  for (const arg of args) values.write(arg)
}

/** As `writeArguments`, with the marks before them; gives what is to be restored. */
export function writeMarked(to: Writer, values: ValueWriter, args: readonly unknown[]): Restored {
  const marked = args.flatMap((arg, position) => {
    const mark = markOf(arg)
    return mark === undefined ? [] : [{ mark, position }]
  })
  to.uvarint(marked.length)
  for (const { mark, position } of marked) {
    to.uvarint(position)
    to.uint8(directionOf(mark) === 'out' ? 1 : 0)
  }
  to.uvarint(args.length)
  for (const { mark, position } of marked) writeParameter(values, mark, `args[${position}]`)
  const nodes = values.nodes.slice()
  for (const [position, arg] of args.entries())
    if (markOf(arg) === undefined) values.write(arg, `args[${position}]`)
  const emptied = new Set(
    marked.filter(({ mark }) => directionOf(mark) === 'out').map(({ mark }) => mark.value),
  )
  return { parameters: marked.map(({ mark }) => mark.value), nodes, emptied }
}

function writeParameter(values: ValueWriter, mark: Mark, name: string): void {
  if (directionOf(mark) === 'out') values.writeEmpty(mark.value, name)
  else values.write(mark.value, name)
}

/** Errors: WireError, CallError CALL_BAD_ARGUMENTS. */
export function readArguments(from: Reader, values: ValueReader): readonly unknown[] {
  const count = countOf(from)
  if (count === 0) return []
  const args = [values.read()] // most have one, for which V8 would make room for sixteen
  for (let n = 1; n < count; n++) args.push(values.read())
  return args
}

/** As `readArguments`, with the marks before them; gives what has to be looked at after the call. */
export function readMarked(
  from: Reader,
  values: ValueReader,
): { readonly args: readonly unknown[]; readonly watch: ParameterWatch } {
  const marks = from.elements(from.uvarint())
  const positions: number[] = []
  for (let n = 0; n < marks; n++) {
    positions.push(from.uvarint())
    from.skip(1)
  }
  const count = countOf(from)
  const isMarked = new Set(positions)
  if (isMarked.size !== marks || positions.some(position => position >= count))
    throw new WireError('WIRE_OUT_OF_RANGE', from.at, 'the marks are not those of arguments')
  const args = new Array<unknown>(count)
  for (const position of positions) args[position] = values.read()
  const watch = watchParameters(values.nodes.slice())
  for (let n = 0; n < count; n++) if (!isMarked.has(n)) args[n] = values.read()
  return { args, watch }
}

function countOf(from: Reader): number {
  const count = from.uvarint()
  if (count <= callLimits.argumentsMax) return count
  throw new CallError('CALL_BAD_ARGUMENTS', `${count}, at most ${callLimits.argumentsMax}`)
}

/** For counting only: what goes by reference takes a few bytes. */
const byNumber: OutgoingReferences = {
  referenceOf: thing => {
    const kind = kindOf(thing)
    return kind === undefined ? undefined : { kind, id: 0 }
  },
}

/**
 * Reads what changed, then the result; then changes the caller's own objects, if he still waits. Gives both. Errors: WireError; ValueError when an
 * object of the caller cannot take its change: then none is changed.
 */
export function restore(
  values: ValueReader,
  { parameters, nodes, emptied }: Restored,
  isWanted: boolean,
): { readonly value: unknown; readonly bytes: RestoredBytes } {
  const { from } = values
  const before = from.at
  const changes = readChanges(values, nodes, emptied)
  const sentBytes = from.at - before
  const value = values.read()
  if (isWanted) changes.apply()
  return { value, bytes: { sentBytes, fullBytes: fullBytesOf(parameters, byNumber) } }
}
