// What both ends can be told, and what is taken where nothing is said.

import { systemWorld, type World } from '../../world/index.ts'
import type { ValueLimits } from '../value/index.ts'
import { callLimits } from './limits.ts'
import type { FrameObserver } from './observe.ts'
import type { SessionLimits } from './session.ts'

/** What one peer may cost the other; defaults as in `callLimits`. */
export interface PeerOptions {
  /** Bytes of one frame; at least `frameBytesMin`. */
  readonly frameBytesMax?: number
  /** Calls that wait for answers, or for their turn. */
  readonly waitingMax?: number
  /** Calls of the other side that run at a time. */
  readonly runningMax?: number
  /** Functions, objects and streams of one side that the other may hold: in each direction. */
  readonly referencesMax?: number
  /** Bytes of a stream that may be on their way. */
  readonly windowBytes?: number
  /** Bytes that wait to be sent to the other side, when it reads too slowly. */
  readonly backlogBytesMax?: number
  /** Ms of silence after which the other side counts as dead; at least 100. */
  readonly leaseMs?: number
  /** Ms that the first words of the other side may take. */
  readonly greetingMs?: number
  /** Ms that closing waits for the calls that run; then it cuts. */
  readonly closeMs?: number
  /** What one message may hold. */
  readonly valueLimits?: ValueLimits
  readonly world?: World
  /** A method failed where nobody waits for its answer, or a connection broke; `title` says which. */
  readonly onFault?: (title: string, error: unknown) => void
  /** Told of each frame as it is packed, sent and received: for tools. Must not throw. */
  readonly onFrame?: FrameObserver
}

export function sessionLimits(options: PeerOptions): SessionLimits {
  const { valueLimits } = options
  return {
    frameBytesMax: options.frameBytesMax ?? callLimits.frameBytesMax,
    waitingMax: options.waitingMax ?? callLimits.waitingMax,
    runningMax: options.runningMax ?? callLimits.runningMax,
    referencesMax: options.referencesMax ?? callLimits.referencesMax,
    backlogBytesMax: options.backlogBytesMax ?? callLimits.backlogBytesMax,
    windowBytes: options.windowBytes ?? callLimits.windowBytes,
    leaseMs: options.leaseMs ?? callLimits.leaseMs,
    greetingMs: options.greetingMs ?? callLimits.greetingMs,
    closeMs: options.closeMs ?? callLimits.closeMs,
    ...(valueLimits && { valueLimits }),
  }
}

export function worldOf({ world = systemWorld }: PeerOptions): World {
  return world
}

export function faultOf({ onFault }: PeerOptions): (title: string, error: unknown) => void {
  return onFault ?? (() => {})
}
