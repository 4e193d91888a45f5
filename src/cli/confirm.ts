// The question before something is destroyed. Asked only where a person can answer: without a terminal a command
// never waits for one, it says that --yes is needed.

import { createInterface } from 'node:readline'
import { CommandError } from './exit.ts'
import type { Input, Printer } from './terminal.ts'

export interface ConfirmParts {
  readonly stdin: Input
  readonly stderr: Printer
  readonly signal: AbortSignal
  /** --yes was given. */
  readonly yes: boolean
  /** The command line, to be repeated with --yes. */
  readonly line: string
  /** Called before the question is printed. */
  readonly beforeWrite: () => void
}

/** Returns once the answer is yes; throws CommandError (usage without anybody to ask, interrupted on no). */
export async function confirm(question: string, parts: ConfirmParts): Promise<void> {
  if (parts.yes) return
  if (parts.stdin.isTTY !== true || parts.stderr.isTTY !== true)
    throw new CommandError(
      'usage',
      `this needs a yes, and there is no terminal to ask: ${question}`,
      `${parts.line} --yes`,
    )
  parts.beforeWrite()
  parts.stderr.write(`${question} [y/N] `)
  const answer = await readLine(parts.stdin, parts.signal)
  if (/^\s*y(es)?\s*$/i.test(answer)) return
  throw new CommandError('interrupted', 'nothing was changed')
}

/** One line; empty when the input ends first. Throws CommandError (interrupted) when aborted. */
function readLine(stdin: Input, signal: AbortSignal): Promise<string> {
  const lines = createInterface({ input: stdin, terminal: false })
  return new Promise<string>((resolve, reject) => {
    const stop = (): void => reject(new CommandError('interrupted', 'nothing was changed'))
    signal.addEventListener('abort', stop, { once: true })
    lines.once('line', resolve)
    lines.once('close', () => {
      signal.removeEventListener('abort', stop)
      resolve('')
    })
    if (signal.aborted) stop()
  }).finally(() => lines.close())
}
