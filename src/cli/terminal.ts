// What a command is connected to: the streams, the environment, time and signals, as one value handed in, so that a
// whole invocation runs in a test on fake streams. And what is known about a terminal: whether there is one, its
// width, whether it wants colours (NO_COLOR, FORCE_COLOR as Node itself reads them) and whether it may be animated.

import type { Readable, Writable } from 'node:stream'
import type { World } from '../world/index.ts'

export type Input = Readable & { readonly isTTY?: boolean }
export type Printer = Writable & { readonly isTTY?: boolean; readonly columns?: number }
export type Environment = Readonly<Record<string, string | undefined>>

/** Everything outside that an invocation touches. main.ts has the process's own. */
export interface Surroundings {
  readonly stdin: Input
  readonly stdout: Printer
  readonly stderr: Printer
  readonly env: Environment
  readonly world: World
  /** Calls the listener on each SIGINT and SIGTERM until the function that it returns is called. */
  onSignal(listener: (signal: 'SIGINT' | 'SIGTERM') => void): () => void
  /** Ends the process at once: the second Ctrl-C. */
  die(code: number): void
}

/** Facts about one output stream. */
export interface Terminal {
  readonly isTTY: boolean
  /** Characters per line; undefined when the output is not a terminal and must not be cut. */
  readonly columns: number | undefined
  readonly paint: Paint
  /** Spinners and bars may be drawn. */
  readonly animates: boolean
}

export type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan'

/** Colours the text, or returns it as it is where colours are not wanted. */
export type Paint = (style: Style, text: string) => string

const COLUMNS_DEFAULT = 80

/** SGR codes (ECMA-48) on and off. By hand: styleText asks process.stdout and not the stream that we were given. */
const codes: Readonly<Record<Style, readonly [number, number]>> = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  cyan: [36, 39],
}

export const plain: Paint = (_style, text) => text

const coloured: Paint = (style, text) => {
  const [on, off] = codes[style]
  return `\x1b[${on}m${text}\x1b[${off}m`
}

/** What is known about a stream. */
export function terminal(stream: Printer, env: Environment): Terminal {
  const isTTY = stream.isTTY === true
  return {
    isTTY,
    columns: isTTY ? (stream.columns ?? COLUMNS_DEFAULT) : undefined,
    paint: wantsColour(isTTY, env) ? coloured : plain,
    animates: isTTY && env.TERM !== 'dumb' && !isSet(env.CI),
  }
}

/** FORCE_COLOR wins over NO_COLOR, as in Node; any non-empty NO_COLOR counts (no-color.org). */
function wantsColour(isTTY: boolean, env: Environment): boolean {
  const forced = env.FORCE_COLOR
  if (forced !== undefined) return forced !== '0' && forced !== 'false'
  if (env.NO_COLOR !== undefined && env.NO_COLOR !== '') return false
  return isTTY && env.TERM !== 'dumb'
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== '' && value !== '0' && value !== 'false'
}
