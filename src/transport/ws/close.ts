// Statuses of Close frames (RFC 6455 section 7.4).

import { CONTROL_BYTES_MAX } from './limits.ts'

/** Those that programs of ours send. */
export const closeStatuses = {
  normal: 1000,
  goingAway: 1001,
  protocolError: 1002,
  unsupportedData: 1003,
  invalidData: 1007,
  policyViolation: 1008,
  tooLarge: 1009,
  internalError: 1011,
} as const

/** Whether a Close frame may carry it: those of the RFC and of IANA's registry, libraries' and applications' own. */
export function isCloseStatus(status: number): boolean {
  return (
    (status >= 1000 && status <= 1003) ||
    (status >= 1007 && status <= 1014) ||
    (status >= 3000 && status < 5000)
  )
}

/**
 * The payload of a Close frame. Errors: RangeError when the status may not be sent or the reason has more than 123 bytes
 * of UTF-8.
 */
export function closePayload(status: number, reason: string): Buffer {
  if (!isCloseStatus(status)) throw new RangeError(`a Close frame must not have status ${status}`)
  const text = Buffer.from(reason)
  if (text.length + 2 > CONTROL_BYTES_MAX)
    throw new RangeError(
      `a reason of ${text.length} bytes, a Close frame has room for ${CONTROL_BYTES_MAX - 2}`,
    )
  const payload = Buffer.allocUnsafe(2 + text.length)
  payload.writeUInt16BE(status, 0)
  text.copy(payload, 2)
  return payload
}
