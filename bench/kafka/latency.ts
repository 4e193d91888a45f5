// From one client to another at a low load: one record of 100 bytes a millisecond, each in a request of its own, read by
// a second connection that waits in a long poll. Client and clock are the same for all brokers.

import { batchOfValues } from '../log/engine.ts'
import { Probe, wholeBatches } from '../probe.ts'
import { percentile } from '../statistics.ts'

export interface Latencies {
  /** Until the acknowledgement, ms. */
  readonly acknowledged: { readonly p50: number; readonly p99: number }
  /** Until the other client has it, ms. */
  readonly received: { readonly p50: number; readonly p99: number }
}

const RECORD_BYTES = 100
const FETCH_BYTES = 1024 * 1024
const WAIT_MS = 500

/** Sends `records` at 1,000 a second to a topic of its own. The first tenth is not counted. */
export async function latencies(port: number, topic: string, records: number): Promise<Latencies> {
  const [sender, receiver] = [await Probe.open(port, topic), await Probe.open(port, topic)]
  await sender.create(1)
  await receiver.refresh()
  const sentAt: number[] = []
  const [acknowledged, received]: [number[], number[]] = [[], []]
  const reading = receive(receiver, records, (offset, at) => {
    received[offset] = at - (sentAt[offset] ?? Number.NaN)
  })
  await send(sender, records, sentAt, acknowledged)
  await reading
  sender.close()
  receiver.close()
  const counted = (values: readonly number[]) => {
    const kept = values.slice(Math.floor(records / 10))
    return { p50: percentile(kept, 0.5), p99: percentile(kept, 0.99) }
  }
  return { acknowledged: counted(acknowledged), received: counted(received) }
}

async function send(probe: Probe, records: number, sentAt: number[], acknowledged: number[]): Promise<void> {
  const batch = batchOfValues(RECORD_BYTES)
  const began = performance.now()
  const answers: Promise<void>[] = []
  for (let sent = 0; sent < records; ) {
    for (; sent < records && performance.now() - began >= sent; sent++) {
      const number = sent
      const at = performance.now()
      sentAt[number] = at
      answers.push(
        probe.produce(batch, 1).then(() => {
          acknowledged[number] = performance.now() - at
        }),
      )
    }
    await new Promise(resolve => setTimeout(resolve, 1))
  }
  await Promise.all(answers)
}

async function receive(
  probe: Probe,
  records: number,
  onRecord: (offset: number, at: number) => void,
): Promise<void> {
  for (let next = 0; next < records; ) {
    const fetched = await probe.fetch(next, FETCH_BYTES, WAIT_MS)
    const at = performance.now()
    for (const batch of wholeBatches(fetched)) {
      for (let offset = Math.max(next, batch.baseOffset); offset <= batch.lastOffset; offset++)
        onRecord(offset, at)
      next = batch.lastOffset + 1
    }
  }
}
