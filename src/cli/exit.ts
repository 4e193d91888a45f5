// How an invocation ends: the exit codes (a subset of BSD sysexits.h, as RabbitMQ's tools use them, and the shell's
// 128 + signal), and the error that carries one. Scripts branch on these numbers, so they never change meaning;
// `posthorn help exit-codes` prints this table.

/** Every exit code: its number, and what it means. */
export const exits = {
  ok: { code: 0, meaning: 'done' },
  failed: { code: 1, meaning: 'what was called ran, and failed: its own error is printed' },
  usage: { code: 64, meaning: 'the command line is wrong, or a needed --yes is missing; nothing was done' },
  notFound: { code: 65, meaning: 'the input is wrong, or the named thing does not exist' },
  unreachable: { code: 69, meaning: 'the broker cannot be reached' },
  bug: { code: 70, meaning: 'an error inside posthorn: please report it' },
  storage: { code: 74, meaning: 'the disk failed: nothing more was acknowledged' },
  tryAgain: { code: 75, meaning: 'a time limit passed, or the failure is temporary: try again' },
  noPermission: { code: 77, meaning: 'permission denied' },
  config: { code: 78, meaning: 'the configuration is wrong' },
  interrupted: { code: 130, meaning: 'stopped by Ctrl-C, or by "no" at a question' },
  terminated: { code: 143, meaning: 'stopped by SIGTERM before the work was finished' },
} as const

export type ExitName = keyof typeof exits

/** An end that the user should know about: printed as a sentence without a stack, and mapped to an exit code. */
export class CommandError extends Error {
  override readonly name = 'CommandError'
  readonly exit: ExitName
  /** What to do next: a sentence, or a command to type. */
  readonly next: string | undefined

  constructor(exit: ExitName, message: string, next?: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.exit = exit
    this.next = next
  }
}

/** Codes of Node's system errors that say what went wrong well enough to choose an exit. */
const systemExits: Readonly<Record<string, ExitName>> = {
  ECONNREFUSED: 'unreachable',
  ECONNRESET: 'unreachable',
  EHOSTUNREACH: 'unreachable',
  ENETUNREACH: 'unreachable',
  ENOTFOUND: 'unreachable',
  EAI_AGAIN: 'unreachable',
  ETIMEDOUT: 'tryAgain',
  ENOSPC: 'tryAgain',
  EACCES: 'noPermission',
  EPERM: 'noPermission',
  ENOENT: 'notFound',
}

/** The exit that an error asks for; undefined when nobody foresaw it, which makes it a bug. */
export function exitOf(error: unknown): ExitName | undefined {
  if (error instanceof CommandError) return error.exit
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return undefined
  return systemExits[error.code]
}
