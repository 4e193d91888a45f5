// The server's log: one line an event. As NDJSON with pino's fields (level number, time in ms, msg, then the event's
// own), so that its viewers and shippers take it; as text for people on a terminal. Fields whose names say that they
// hold a secret are never written.

import type { Reporter, ReportFields, World } from '../world/index.ts'

/** Levels and pino's numbers for them. */
export const reportLevels = { debug: 20, info: 30, warn: 40, error: 50 } as const

export type ReportLevel = keyof typeof reportLevels
export type ReportFormat = 'text' | 'json'

export interface ReportOptions {
  readonly format: ReportFormat
  /** The least important level that is written. */
  readonly level: ReportLevel
  readonly world: World
  /** Takes each line, with its line end. */
  readonly write: (line: string) => void
  /** Colours a text line's level; nothing is coloured without. */
  readonly paint?: (level: ReportLevel, text: string) => string
  /** In every line: a process id, say. */
  readonly base?: ReportFields
}

const secretNames =
  /passw|passphrase|secret|token|credential|private|authorization|saltedkey|storedkey|serverkey/i
const reserved: ReadonlySet<string> = new Set(['level', 'time', 'msg'])

/** A reporter that writes lines. */
export function lineReporter(options: ReportOptions): Reporter {
  const say =
    (level: ReportLevel) =>
    (message: string, fields: ReportFields = {}): void => {
      if (reportLevels[level] < reportLevels[options.level]) return
      const shown = Object.entries({ ...options.base, ...fields })
        .filter(([, value]) => value !== undefined)
        .map(([name, value]) => [name, secretNames.test(name) ? '[redacted]' : value] as const)
      const line = options.format === 'json' ? jsonLine : textLine
      options.write(`${line(level, message, shown, options)}\n`)
    }
  return { debug: say('debug'), info: say('info'), warn: say('warn'), error: say('error') }
}

type Shown = readonly (readonly [name: string, value: ReportFields[string]])[]

function jsonLine(level: ReportLevel, msg: string, shown: Shown, { world }: ReportOptions): string {
  const own = shown.map(([name, value]) => [reserved.has(name) ? `${name}_` : name, value])
  return JSON.stringify({ level: reportLevels[level], time: world.now(), msg, ...Object.fromEntries(own) })
}

function textLine(level: ReportLevel, message: string, shown: Shown, options: ReportOptions): string {
  const time = new Date(options.world.now()).toISOString().slice(11, 23)
  const word = level.padEnd(5)
  const fields = shown.map(([name, value]) => `${name}=${fieldText(value)}`).join(' ')
  const head = `${time} ${options.paint?.(level, word) ?? word} ${visible(message)}`
  return fields === '' ? head : `${head}  ${fields}`
}

function fieldText(value: ReportFields[string]): string {
  const text = String(value)
  return /^[\w@%+:,./[\]-]+$/.test(text) ? text : JSON.stringify(visible(text))
}

/** What peers send must not drive the terminal. */
function visible(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, character =>
    character === '\n' ? '\n' : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
