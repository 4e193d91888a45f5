// A call to all machines of a network at once (RFC 1833, section 3.2, CALLIT): a datagram to everybody's rpcbind, each of which
// passes it on to the program if it has it and otherwise stays silent. Who answers is not known before, so the answers are a
// stream that ends with the time.

import { networkInterfaces } from 'node:os'
import { Reader, WireError } from '../../bytes/index.ts'
import { openUdp, type UdpPlace } from '../../transport/index.ts'
import { systemWorld, type Timer, type World } from '../../world/index.ts'
import { noAuth } from '../onc/auth.ts'
import { OncError } from '../onc/errors.ts'
import { oncLimits } from '../onc/limits.ts'
import { readReply, writeCall } from '../onc/message.ts'
import { marked, unmarked } from '../onc/record.ts'
import type { ArgumentOf, Program, ResultOf } from '../program.ts'
import { PORTMAP_V2, RPCBIND_PORT } from './programs.ts'
import type { Interfaces } from './reachable.ts'

export interface BroadcastOptions {
  /** Where to send. Default: port 111 of the broadcast address of each network that this machine is on. */
  readonly places?: readonly UdpPlace[]
  /** Ms that answers are waited for. Default 3000. */
  readonly waitMs?: number
  readonly signal?: AbortSignal
  readonly world?: World
}

/** An answer, and who gave it. */
export interface BroadcastAnswer<R> {
  readonly host: string
  /** UDP port of the program there. */
  readonly port: number
  readonly result: R
}

const WAIT_MS = 3000

/**
 * Calls a procedure everywhere, and gives each machine's first answer as it comes. The call is sent again while time is left, so
 * that it may run more than once; most machines pass on nothing but procedure 0, or nothing. Errors: the system's when the
 * network cannot be sent to, the signal's reason.
 */
export async function* broadcastOnc<G extends Program, K extends keyof G['procedures'] & string>(
  { program, version, procedures }: G,
  name: K,
  argument: ArgumentOf<G['procedures'][K]>,
  options: BroadcastOptions = {},
): AsyncGenerator<BroadcastAnswer<ResultOf<G['procedures'][K]>>> {
  const procedure = procedures[name]
  if (procedure === undefined) throw new TypeError(`there is no procedure ${name}`)
  const { places = broadcastPlaces(), waitMs = WAIT_MS, signal, world = systemWorld } = options
  const xid = world.randomBytes(4).readUInt32BE()
  const wanted = {
    program,
    version,
    procedure: procedure.number,
    argument: procedure.argument.encode(argument),
  }
  const call = callOf(xid, wanted)
  let fault: Error | undefined
  const socket = await openUdp({
    broadcast: true,
    onFault: error => {
      fault = error
    },
    ...(signal && { signal }),
  })
  const end = (): void => void socket.close()
  const timers = [
    world.after(waitMs, end),
    resending(world, () => places.forEach(to => void socket.send(call, to))),
  ]
  signal?.addEventListener('abort', end, { once: true })
  try {
    const heard = new Set<string>()
    for await (const { payload, from } of socket.datagrams) {
      const answer = heard.has(from.host) ? undefined : answerIn(payload, xid)
      if (answer === undefined) continue
      heard.add(from.host)
      const result = procedure.result.decode(answer.result) as ResultOf<G['procedures'][K]>
      yield { host: from.host, port: answer.port, result }
    }
    signal?.throwIfAborted()
    if (heard.size === 0 && fault !== undefined) throw fault
  } finally {
    signal?.removeEventListener('abort', end)
    for (const timer of timers) timer.cancel()
    await socket.close()
  }
}

/** The broadcast addresses of this machine's networks. */
export function broadcastPlaces(interfaces: Interfaces = networkInterfaces()): readonly UdpPlace[] {
  return Object.values(interfaces)
    .flatMap(all => all ?? [])
    .filter(one => one.family === 'IPv4' && !one.internal)
    .map(({ address, netmask }) => {
      const mask = netmask.split('.').map(Number)
      const bytes = address.split('.').map((byte, n) => Number(byte) | (~(mask[n] ?? 255) & 255))
      return { host: bytes.join('.'), port: RPCBIND_PORT }
    })
}

function callOf(
  xid: number,
  wanted: Parameters<typeof PORTMAP_V2.procedures.CALLIT.argument.encode>[0],
): Buffer {
  const { program, version, procedures } = PORTMAP_V2
  const record = marked(to => {
    writeCall(to, { xid, program, version, procedure: procedures.CALLIT.number, credential: noAuth })
    procedures.CALLIT.argument.write(to, wanted)
  })
  return unmarked(record)
}

/** Sends now, and again, twice as long apart each time. */
function resending(world: World, send: () => void): Timer {
  const again = (ms: number): Timer =>
    world.after(ms, () => {
      send()
      timer = again(ms * 2)
    })
  send()
  let timer = again(oncLimits.resendMs)
  return { cancel: () => timer.cancel() }
}

/** Undefined for everything that is no good answer: on a network anybody may say anything. */
function answerIn(
  payload: Buffer,
  xid: number,
): { readonly port: number; readonly result: Uint8Array } | undefined {
  try {
    const from = new Reader(payload)
    const head = readReply(from)
    if (head.xid !== xid || head.outcome.kind !== 'success') return undefined
    return PORTMAP_V2.procedures.CALLIT.result.read(from)
  } catch (error) {
    if (error instanceof WireError || error instanceof OncError) return undefined
    throw error
  }
}
