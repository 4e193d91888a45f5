// How a failure travels: what a method threw as a value, what the engine found out as a code and a text.

import type { Reader, Writer } from '../../bytes/index.ts'
import type { ValueReader, ValueWriter } from '../value/index.ts'
import { CallError, isCallErrorCode } from './errors.ts'
import { endings } from './frames.ts'
import { readText, writeText } from './metadata.ts'

/** Characters of a detail that are told: a message may have a whole value in it. */
const DETAIL_LENGTH_MAX = 2000

/** An error of the engine at this end, which is to be told as such at the other: not what a method threw. */
export class EngineFault {
  readonly error: CallError

  constructor(error: CallError) {
    this.error = error
  }
}

/** Writes what went wrong. What a method threw and cannot be sent goes as an Error that says so. */
export function writeFault(to: Writer, values: ValueWriter, reason: unknown): void {
  if (reason instanceof EngineFault) {
    to.uint8(endings.engine)
    writeText(to, reason.error.code)
    writeText(to, reason.error.detail.slice(0, DETAIL_LENGTH_MAX))
    return
  }
  to.uint8(endings.thrown)
  values.write(reason)
}

/** What went wrong at the other side, as what is thrown here. Errors: WireError, CallError CALL_PROTOCOL. */
export function readFault(from: Reader, values: ValueReader): unknown {
  const ending = from.uint8()
  if (ending === endings.thrown) return values.read()
  if (ending !== endings.engine) throw new CallError('CALL_PROTOCOL', `an ending of the kind ${ending}`)
  const code = readText(from)
  const detail = readText(from)
  return isCallErrorCode(code)
    ? new CallError(code, detail)
    : new CallError('CALL_PROTOCOL', `an error that is not known here, ${code.slice(0, 100)}: ${detail}`)
}

/** What is said of a result that cannot be sent, also when a getter of it throws. */
export function unsendable(error: unknown): CallError {
  if (error instanceof CallError) return error
  return new CallError('CALL_BAD_RESULT', error instanceof Error ? error.message : String(error))
}
