// What connection.tune offers and tune-ok may answer (specification section 1.4.2.5 and 1.4.2.6; RabbitMQ's rules): a client
// may ask for less, not for more, and 0 means that it knows no limit, which is more.

import { AmqpError } from './errors.ts'
import { ConnectionTuneOk } from './wire/index.ts'

/** What both sides keep to. */
export interface Tuning {
  /** Highest channel number; 0 for none but that of the field. */
  readonly channelMax: number
  /** Bytes of a frame with its 8; 0 for no limit. */
  readonly frameMax: number
  /** Seconds between heartbeats; 0 for none. */
  readonly heartbeat: number
}

const CHANNEL_MIN = 1

/** What holds after tune-ok. Errors: NOT_ALLOWED, as RabbitMQ words it. */
export function agreed(offer: Tuning, answer: Tuning, frameMin: number): Tuning {
  checkWithin('channel_max', answer.channelMax, CHANNEL_MIN, offer.channelMax)
  checkWithin('frame_max', answer.frameMax, frameMin, offer.frameMax)
  return answer
}

function checkWithin(name: string, value: number, min: number, max: number): void {
  if (value !== 0 && value < min) throw outside(name, value, 'lower than the minimum', min)
  if (max !== 0 && (value === 0 || value > max)) throw outside(name, value, 'higher than the maximum', max)
}

function outside(name: string, value: number, how: string, bound: number): AmqpError {
  const shown = value === 0 ? '0 (no limit)' : value
  return new AmqpError(
    'NOT_ALLOWED',
    `negotiated ${name} = ${shown} is ${how} allowed value (${bound})`,
    ConnectionTuneOk,
  )
}
