// The parts that are measured in a process of their own, because what a process holds in memory is what is measured.
// `node --expose-gc --import tsx bench/queues/part.ts <part> <folder> <count>` prints one JSON object.

import { Engine } from './engine.ts'

const SETTLE_MS = 500
/** Queues that are declared at the same time. */
const DECLARING = 500

/** Resident memory after a collection, MB of 2^20 bytes. */
async function residentMb(): Promise<number> {
  for (let n = 0; n < 3; n++) {
    global.gc?.()
    await new Promise(resolve => setTimeout(resolve, SETTLE_MS))
  }
  return process.memoryUsage.rss() / 2 ** 20
}

/** Puts messages into a queue. */
async function fill(folder: string, count: number) {
  const engine = await Engine.open(folder)
  await engine.queue('waiting')
  const began = performance.now()
  await engine.put('waiting', count)
  const perSecond = (count * 1000) / (performance.now() - began)
  const memoryMb = await residentMb()
  await engine.close()
  return { memoryMb, perSecond }
}

/** Opens what `fill` left, and takes some. */
async function reopen(folder: string, count: number) {
  const began = performance.now()
  const engine = await Engine.open(folder)
  const readyMs = performance.now() - began
  const queue = await engine.queue('waiting')
  if (queue.readyCount !== count) throw new Error(`the queue holds ${queue.readyCount} of ${count} messages`)
  await engine.take(queue, Math.min(count, 1000))
  const memoryMb = await residentMb()
  await engine.close()
  return { memoryMb, readyMs }
}

/** Declares queues that nobody uses. */
async function idle(folder: string, count: number) {
  const engine = await Engine.open(folder)
  const before = await residentMb()
  const began = performance.now()
  for (let made = 0; made < count; made += DECLARING) {
    const some = Math.min(DECLARING, count - made)
    await Promise.all(Array.from({ length: some }, (_, n) => engine.queue(`idle-${made + n}`)))
  }
  const perSecond = (count * 1000) / (performance.now() - began)
  const after = await residentMb()
  await engine.close()
  return { bytesEach: ((after - before) * 2 ** 20) / count, perSecond, memoryMb: after }
}

const parts = { fill, reopen, idle } as const

const [part = '', folder = '', count = ''] = process.argv.slice(2)
const run = parts[part as keyof typeof parts]
process.stdout.write(`${JSON.stringify(await run(folder, Number(count)))}\n`)
process.exit(0)
