// Options with nng's meaning (nng_options(5)); where nng's default is not taken, the comment says so. Times in ms.

import { systemWorld, type World } from '../../world/index.ts'
import { SpError } from './errors.ts'
import { spLimits } from './limits.ts'

/** What every socket can be told. */
export interface SpOptions {
  /** NNG_OPT_SENDBUF: messages that wait for a peer with room. Default by protocol: pub, bus 16, surveyor 8, others 0. */
  readonly sendBuffer?: number
  /**
   * NNG_OPT_RECVBUF: messages that wait to be received. Default by protocol: sub, surveyor 128, bus 16, others 1. A pipe
   * that is read holds what came with the same chunk beyond that.
   */
  readonly receiveBuffer?: number
  /** NNG_OPT_SENDTIMEO. Default: none. */
  readonly sendTimeoutMs?: number
  /** NNG_OPT_RECVTIMEO. Default: none. */
  readonly receiveTimeoutMs?: number
  /** NNG_OPT_RECVMAXSZ: bytes; a longer message ends its pipe. 0 is 1 GiB. Default 64 MiB (nng: any size). */
  readonly receiveSizeMax?: number
  /** NNG_OPT_MAXTTL: hops that a message may have come, 1 to 15. Default 8. */
  readonly ttlMax?: number
  /** NNG_OPT_RECONNMINT: until a dialer tries again. Default 100. */
  readonly reconnectMinMs?: number
  /** NNG_OPT_RECONNMAXT: each failure doubles the time up to this; 0: it stays. Default 0. */
  readonly reconnectMaxMs?: number
  /** NNG_OPT_TCP_NODELAY. Default true. */
  readonly noDelay?: boolean
  /** NNG_OPT_TCP_KEEPALIVE, with the ms of silence before the first probe. Default off. */
  readonly keepAlive?: { readonly initialDelayMs: number }
  /** NNG_OPT_RAW: messages come and go with their headers, as devices need them. Default false. */
  readonly raw?: boolean
  /** Told of what goes wrong where nobody waits for it: a handshake, a pipe that broke, a dialer that will try again. */
  readonly onFault?: (error: Error, address: string) => void
  /** Clock and luck. */
  readonly world?: World
}

/** Options of a request. */
export interface ReqOptions extends SpOptions {
  /** NNG_OPT_REQ_RESENDTIME: an unanswered request is sent again. Infinity: never. Default 60000. */
  readonly resendMs?: number
  /** NNG_OPT_REQ_RESENDTICK: how often is looked whether one is due. Default 1000. */
  readonly resendTickMs?: number
}

export interface SurveyorOptions extends SpOptions {
  /** NNG_OPT_SURVEYOR_SURVEYTIME. Default 1000. */
  readonly surveyMs?: number
}

export interface SubOptions extends SpOptions {
  /** NNG_OPT_SUB_PREFNEW: when the buffer is full the oldest is dropped; false: the newest. Default true. */
  readonly preferNew?: boolean
}

export interface Pair1Options extends SpOptions {
  /** NNG_OPT_PAIR1_POLY: many peers; `send` can name one. Default false. */
  readonly polyamorous?: boolean
}

/** All options with a value each. */
export type Settings = Required<
  Omit<SpOptions, 'sendTimeoutMs' | 'receiveTimeoutMs' | 'keepAlive' | 'onFault'>
> &
  Pick<SpOptions, 'sendTimeoutMs' | 'receiveTimeoutMs' | 'keepAlive' | 'onFault'>

/** Errors: SpError EINVAL, naming the option and the bounds. */
export function settings(
  options: SpOptions,
  { sendBuffer, receiveBuffer }: { readonly sendBuffer: number; readonly receiveBuffer: number },
): Settings {
  const all: Settings = {
    sendBuffer,
    receiveBuffer,
    receiveSizeMax: spLimits.receiveBytes,
    ttlMax: 8,
    reconnectMinMs: 100,
    reconnectMaxMs: 0,
    noDelay: true,
    raw: false,
    world: systemWorld,
    ...options,
  }
  within('sendBuffer', all.sendBuffer, 0, spLimits.bufferMax)
  within('receiveBuffer', all.receiveBuffer, 0, spLimits.bufferMax)
  within('ttlMax', all.ttlMax, 1, spLimits.ttlMax)
  within('receiveSizeMax', all.receiveSizeMax, 0, spLimits.receiveBytesMax)
  for (const time of ['reconnectMinMs', 'reconnectMaxMs', 'sendTimeoutMs', 'receiveTimeoutMs'] as const)
    atLeastZero(time, all[time])
  return { ...all, receiveSizeMax: all.receiveSizeMax || spLimits.receiveBytesMax }
}

function within(name: string, value: number, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return
  throw new SpError('EINVAL', `${name} is ${value}, it can be ${least} to ${most}`)
}

/** Errors: SpError EINVAL. */
export function atLeastZero(name: string, value: number | undefined): void {
  if (value === undefined || value >= 0) return
  throw new SpError('EINVAL', `${name} is ${value}`)
}
