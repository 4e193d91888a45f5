// The ten steps for people: a line each, and under a step that packs a message the bytes of it, field by field.

import { jsonText, printable } from '../../../output/columns.ts'
import type { Paint } from '../../../terminal.ts'
import type { FramePart } from './dissect.ts'
import type { Message, Recorder } from './recorder.ts'
import type { StepRow } from './steps.ts'

/** Characters of bytes and of a value that are shown in a line. */
const HEX_MAX = 32
const VALUE_MAX = 80

export function tracePage(title: string, rows: readonly StepRow[], recorder: Recorder, paint: Paint): string {
  const who = Math.max(...rows.map(row => row.who.length))
  const lines = [paint('bold', title), '', paint('dim', 'step      µs    took')]
  for (const row of rows) {
    const times = `${time(row.at, 8)}${time(row.took, 8)}`
    lines.push(
      `${String(row.step).padStart(4)}${times}  ${paint('cyan', row.who.padEnd(who))}  ${printable(row.what)}`,
    )
    const message = row.message === null ? undefined : row.step <= 5 ? recorder.call : recorder.result
    if (message !== undefined) lines.push(...messageLines(message, paint))
  }
  return lines.join('\n')
}

function time(us: StepRow['at'], width: number): string {
  return (us === null ? '-' : Number(us).toFixed(1)).padStart(width)
}

function messageLines({ bytes, frame }: Message, paint: Paint): string[] {
  const indent = ' '.repeat(22)
  const cells = frame.parts.map(part => ({ part, hex: hexOf(bytes, part) }))
  const width = Math.max(...cells.map(({ hex }) => hex.length))
  const fieldWidth = Math.max(...cells.map(({ part }) => part.field.length))
  const lines = cells.map(
    ({ part, hex }) =>
      `${indent}${`${part.offset}+${part.bytes}`.padStart(7)}  ${paint('dim', hex.padEnd(width))}  ${part.field.padEnd(fieldWidth)}  ${cut(valueText(part), VALUE_MAX)}`,
  )
  return [
    `${indent}${frame.name}, ${bytes.length} bytes`,
    ...lines,
    ...(frame.flaw === undefined ? [] : [`${indent}the rest does not fit: ${printable(frame.flaw)}`]),
  ]
}

function hexOf(bytes: Buffer, { offset, bytes: length }: FramePart): string {
  return cut(bytes.toString('hex', offset, offset + length), HEX_MAX)
}

function valueText({ field, value }: FramePart): string {
  const isName = ['kind', 'method', 'flags', 'target', 'restored', 'deadline'].includes(field)
  return printable(isName && typeof value === 'string' ? value : jsonText(value))
}

function cut(text: string, max: number): string {
  return text.length > max ? `${text.slice(0, max - 1)}…` : text
}
