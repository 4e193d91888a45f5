// Help that belongs to no single command: `posthorn help <topic>`. Printed from the tables that the code runs on
// where there are any.

import { exits } from '../exit.ts'
import { formats } from '../output/format.ts'

export interface Topic {
  readonly summary: string
  /** Blocks separated by an empty line; a block that begins with a blank keeps its line ends. */
  readonly text: string
}

/** By the word to type. */
export const topics: Readonly<Record<string, Topic>> = {
  'exit-codes': { summary: 'What the exit codes mean', text: exitCodes() },
  output: { summary: 'Output formats, and what goes to stdout and stderr', text: output() },
  environment: { summary: 'Environment variables', text: environment() },
}

function exitCodes(): string {
  const lines = Object.values(exits).map(({ code, meaning }) => `  ${String(code).padStart(3)}  ${meaning}`)
  return `A script can branch on the exit code: the numbers never change their meaning.\n\n${lines.join('\n')}`
}

function output(): string {
  return `Every command takes -o, --output <format>: ${formats.join(', ')}. --json is short for --output json.

  table   for people: aligned, cut to the width of a terminal, never cut in a pipe
  wide    the same with more columns
  json    one array, or one object where there is one thing
  jsonl   one object a line, written as they come
  yaml    a sequence or a mapping
  csv     a header and one line a row
  off     nothing: only the exit code counts
  schema  the JSON Schema of what json prints; the command itself does not run

The result goes to stdout. Notes, questions, progress and errors go to stderr, so a pipe sees only the result. In table and wide, sizes and times are written for people; the other formats have bytes, milliseconds and ISO 8601.`
}

function environment(): string {
  return `An option that names a variable takes its value from there when the flag is absent: flag, then environment, then default.

  POSTHORN_OUTPUT  the output format, as --output
  POSTHORN_DEBUG   1 prints the stack of an error
  NO_COLOR         anything: no colours
  FORCE_COLOR      0 or false: no colours; anything else: colours also in a pipe; wins over NO_COLOR
  CI               anything: no spinners and no bars`
}
