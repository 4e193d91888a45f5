// What brokers hold in memory: with a thousand connections that do nothing, and with a million messages that wait.

import type { RunningBroker } from '../posthorn.ts'
import { note } from '../progress.ts'
import { treeResidentMb } from '../tree.ts'
import { benchAmqp, openConnection, withQueue } from './client.ts'

export interface Memory {
  /** Resident, MB of 2^20 bytes. */
  readonly idle: number
  readonly connected: number
  readonly waiting: number
}

export const CONNECTIONS = 1000
const MESSAGE_BYTES = 16
/** A collector or two may run before it is looked. */
const SETTLE_MS = 3000
/** Filling is not what is measured: a large window makes it short. */
const FILL_WINDOW = 5000

/** Measures a broker that has done nothing yet. */
export async function memoryOf(name: string, broker: RunningBroker, messages: number): Promise<Memory> {
  const { port, child } = broker
  const resident = async (): Promise<number> => {
    await new Promise(resolve => setTimeout(resolve, SETTLE_MS))
    return treeResidentMb(child.pid ?? 0)
  }
  const idle = await resident()
  note(`${name}: ${CONNECTIONS} connections`)
  const connections = []
  for (let n = 0; n < CONNECTIONS; n++) {
    const connection = await openConnection(port)
    connections.push(connection)
    await connection.channel()
  }
  const connected = await resident()
  await Promise.all(connections.map(connection => connection.close()))
  note(`${name}: ${messages} messages in a queue`)
  const waiting = await withQueue(port, 'waiting', async () => {
    const size = ['--size', String(MESSAGE_BYTES), '--confirm', String(FILL_WINDOW)]
    await benchAmqp(port, ['--queue', 'waiting', '--consumers', '0', '-n', String(messages), ...size])
    return resident()
  })
  return { idle, connected, waiting }
}
