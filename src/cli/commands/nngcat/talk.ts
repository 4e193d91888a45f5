// What nngcat does with a socket once it is connected: send, receive, ask, or answer, as often as it was told.

import { withSignal } from '../../../flow/index.ts'
import type { Context, SpError, SpSocket } from '../../../sockets/sp/index.ts'
import type { World } from '../../../world/index.ts'
import { CommandError } from '../../exit.ts'
import type { Part } from './protocol.ts'

export interface Talk {
  readonly part: Part
  /** What is sent; undefined when nothing is. */
  readonly data: Buffer | undefined
  /** Messages, sent or received; 0 for as many as there are. */
  readonly count: number
  /** Ms before the first is sent. */
  readonly delayMs: number
  /** Ms from one to the next; undefined: one only. */
  readonly intervalMs: number | undefined
  readonly print: (body: Buffer) => Promise<void>
  readonly signal: AbortSignal
  readonly world: World
}

type Duplex = SpSocket & Pick<Context, 'send' | 'receive'>

/** Runs until all is said, or the signal aborts. Errors: CommandError usage without data; those of the socket. */
export async function talk(socket: SpSocket, task: Talk): Promise<void> {
  const duplex = socket as Duplex // a part that a protocol does not play is not asked of it
  switch (task.part) {
    case 'sends':
      return repeat(task, data => duplex.send(data, task))
    case 'receives':
      return listen(duplex, task, async () => {})
    case 'answers':
      return listen(duplex, task, async () => {
        if (task.data !== undefined) await duplex.send(task.data, task)
      })
    case 'asks':
      return repeat(task, async data => {
        await duplex.send(data, task)
        await listen(duplex, { ...task, count: 0 }, async () => {})
      })
    case 'both':
      return task.data === undefined ? listen(duplex, task, async () => {}) : both(duplex, task)
  }
}

/** Sends at its times, and receives all along. */
async function both(duplex: Duplex, task: Talk): Promise<void> {
  const received = listen(duplex, task, async () => {})
  await repeat(task, data => duplex.send(data, task))
  await received
}

async function repeat(task: Talk, send: (data: Buffer) => Promise<void>): Promise<void> {
  const { data, count, intervalMs, delayMs } = task
  if (data === undefined) throw new CommandError('usage', 'there is nothing to send: give --data or --file')
  if (delayMs > 0) await pause(delayMs, task)
  for (let sent = 1; ; sent++) {
    await send(data)
    if (intervalMs === undefined || sent === count) return
    await pause(intervalMs, task)
  }
}

/** Until so many have come, the time is over, or there is nothing more to wait for (the answer to a request has come). */
async function listen(duplex: Duplex, task: Talk, reply: () => Promise<void>): Promise<void> {
  for (let received = 1; ; received++) {
    try {
      await task.print(await duplex.receive({ signal: task.signal }))
    } catch (error) {
      const code = (error as Partial<SpError>).code
      if (code === 'ETIMEDOUT' || code === 'ESTATE') return
      throw error
    }
    await reply()
    if (received === task.count) return
  }
}

function pause(ms: number, { world, signal }: Talk): Promise<void> {
  return withSignal(new Promise<void>(resolve => void world.after(ms, resolve)), signal)
}
