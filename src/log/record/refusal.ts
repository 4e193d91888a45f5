// The one error of this folder: bytes that are not what the format says. The bare text is kept in `fields.flaw`, for
// answers that go to a client without the advice that LogError adds.

import { LogError } from '../errors.ts'

/** LOG_BATCH_INVALID with `flaw` as text; `fields` are the values that the text names. */
export function refusal(
  flaw: string,
  fields: Readonly<Record<string, string | number>> = {},
  cause?: unknown,
): LogError {
  return new LogError('LOG_BATCH_INVALID', flaw, { ...fields, flaw }, cause)
}

/** The error of a block that would inflate beyond what the caller allows. */
export function tooLarge(codec: string, maxBytes: number): LogError {
  return refusal(`${codec} block inflates to more than the limit of ${maxBytes} bytes`, { codec, maxBytes })
}

/** The error of a block that its codec cannot read. */
export function damaged(codec: string, flaw: string, cause?: unknown): LogError {
  return refusal(`${codec} block is damaged: ${flaw}`, { codec }, cause)
}
