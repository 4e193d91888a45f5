// What a reply code of AMQP 0-9-1 means for somebody at a command line: the exit code, and the server's own sentence.

import { CommandError, type ExitName } from '../exit.ts'

/** By reply code (specification section 1.2, with RabbitMQ's use of them). */
const exits: Readonly<Record<number, ExitName>> = {
  311: 'notFound',
  312: 'notFound',
  313: 'notFound',
  320: 'tryAgain',
  402: 'notFound',
  403: 'noPermission',
  404: 'notFound',
  405: 'tryAgain',
  406: 'notFound',
  501: 'bug',
  502: 'bug',
  503: 'bug',
  504: 'bug',
  505: 'bug',
  506: 'tryAgain',
  530: 'notFound',
  540: 'notFound',
  541: 'tryAgain',
}

/** The server closed the channel or the connection, and said why. */
export class AmqpFault extends CommandError {
  /** Reply code: 404. */
  readonly code: number

  constructor(code: number, text: string) {
    super(exits[code] ?? 'tryAgain', `${text === '' ? 'the server gave no reason' : text} (${code})`)
    this.code = code
  }
}

/** Whether the server refused with this reply code. */
export function isAmqpFault(error: unknown, code: number): error is AmqpFault {
  return error instanceof AmqpFault && error.code === code
}
