// Names of logs.

import { LogError } from './errors.ts'

/** Longest name, in UTF-8 bytes. */
export const LOG_NAME_BYTES_MAX = 2048

/** Refuses an empty name, one with control characters, and one that is too long (LOG_NAME_INVALID). */
export function checkLogName(name: string): void {
  const bytes = Buffer.byteLength(name)
  if (bytes === 0 || bytes > LOG_NAME_BYTES_MAX)
    throw new LogError(
      'LOG_NAME_INVALID',
      `a log's name has 1 to ${LOG_NAME_BYTES_MAX} bytes, this one ${bytes}`,
    )
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is refused
  if (/[\u0000-\u001f\u007f]/.test(name))
    throw new LogError('LOG_NAME_INVALID', `the log name ${JSON.stringify(name)} has control characters`)
}
