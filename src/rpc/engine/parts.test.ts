// The small parts of a connection, each by itself: when to try again, whether the peer lives, what waits to be sent, names,
// traces.

import { describe, expect, it } from 'vitest'
import { Reader, Writer } from '../../bytes/index.ts'
import { deferred } from '../../flow/index.ts'
import type { Stream } from '../../transport/index.ts'
import { ManualWorld } from '../../world/index.ts'
import { Backoff } from './backoff.ts'
import { frames } from './frames.ts'
import { callLimits } from './limits.ts'
import { Liveness } from './liveness.ts'
import { readMetadata, writeMetadata } from './metadata.ts'
import { NamesIn, NamesOut } from './names.ts'
import { Outbox } from './outbox.ts'
import { nextTrace, parseTrace } from './trace.ts'

describe('backoff', () => {
  it('waits longer each time, up to its bound, never for nothing, and begins anew after a success', () => {
    const backoff = new Backoff(new ManualWorld(), 50, 1000)
    const most = (times: number): number => {
      let max = 0
      for (let n = 0; n < times; n++) max = Math.max(max, backoff.next())
      return max
    }
    for (let n = 0; n < 200; n++) expect(backoff.next()).toBeGreaterThanOrEqual(25)
    expect(most(200)).toBeLessThanOrEqual(1000)
    expect(most(200)).toBeGreaterThan(800)
    backoff.reset()
    expect(backoff.next()).toBeLessThanOrEqual(50)
  })
})

describe('liveness', () => {
  function living(leaseMs = 300) {
    const world = new ManualWorld()
    const told: string[] = []
    let sent = 0
    const liveness = new Liveness({
      world,
      leaseMs,
      sent: () => sent,
      ping: () => void told.push(`ping ${world.monotonic()}`),
      dead: () => void told.push(`dead ${world.monotonic()}`),
    })
    return { world, told, liveness, send: () => sent++ }
  }

  it('asks when nothing was sent, and takes silence for death', () => {
    const { world, told } = living()
    world.advance(1000)
    expect(told).toEqual(['ping 100', 'ping 200', 'dead 300'])
    expect(world.pendingTimers).toBe(0)
  })

  it('lives as long as anything is heard, and asks nothing while it sends', () => {
    const { world, told, liveness, send } = living()
    for (let ms = 0; ms < 3000; ms += 90) {
      world.advance(90)
      liveness.heard()
      send()
    }
    expect(told).toEqual([])
    liveness.stop()
    expect(world.pendingTimers).toBe(0)
  })
})

describe('what waits to be sent', () => {
  function out(limit = 100) {
    const written: number[] = []
    const room = deferred()
    let overflows = 0
    let isSlow = true
    const stream = {
      write: (chunks: readonly Buffer[]) => {
        written.push(Buffer.concat(chunks).length)
        return isSlow ? room.promise : undefined
      },
    } as unknown as Stream
    const outbox = new Outbox(stream, {
      frameBytesMax: 50,
      waitingMax: limit,
      inFlight: () => 0,
      overflow: () => overflows++,
    })
    const ping = (bytes = 0): void => {
      const to = outbox.begin(frames.ping)
      to.raw(Buffer.alloc(bytes))
      outbox.end(to)
    }
    return {
      outbox,
      written,
      ping,
      overflows: () => overflows,
      free: async () => {
        isSlow = false
        room.resolve()
        await new Promise(resolve => setImmediate(resolve))
      },
    }
  }

  it('goes out in one write for each turn', async () => {
    const { ping, written } = out()
    for (let n = 0; n < 4; n++) ping()
    await new Promise(resolve => setImmediate(resolve))
    expect(written).toEqual([20])
  })

  it('is full at its bound, and overflows a frame beyond it', async () => {
    const { outbox, ping, overflows, free } = out()
    for (let n = 0; n < 4; n++) {
      ping(40)
      outbox.flush()
    }
    expect([outbox.isFull, overflows()]).toEqual([true, 1])
    await free()
    expect([outbox.isFull, outbox.room]).toEqual([false, undefined])
  })

  it('has no frame that was taken back, or is too large', () => {
    const { outbox, ping, written } = out()
    outbox.undo(outbox.begin(frames.ping))
    expect(() => ping(60)).toThrow('CALL_TOO_LARGE')
    outbox.flush()
    expect(written).toEqual([])
  })

  it('goes nowhere after the end', () => {
    const { outbox, ping, written } = out()
    ping()
    outbox.stop()
    outbox.flush()
    expect(written).toEqual([])
  })
})

describe('names', () => {
  it('are numbered alike at both ends, also when a frame was taken back, and beyond the bound', () => {
    const [namesOut, namesIn] = [new NamesOut(), new NamesIn()]
    for (let n = 0; n < callLimits.namesMax + 50; n++)
      for (const sent of [n % 7 !== 0, true, true]) {
        const to = new Writer()
        namesOut.write(to, `name ${n}`)
        namesOut.settle(sent)
        if (sent) expect(namesIn.read(new Reader(Buffer.concat(to.finish())))).toBe(`name ${n}`)
      }
  })

  it('that are too long, or not known, are refused', () => {
    expect(() => new NamesOut().write(new Writer(), 'ü'.repeat(513))).toThrow('CALL_NO_METHOD')
    expect(() => new NamesIn().read(new Reader(Buffer.from([7])))).toThrow('CALL_PROTOCOL')
    expect(() => new NamesIn().read(new Reader(Buffer.from([0, 0x81, 8])))).toThrow('CALL_PROTOCOL')
  })
})

describe('metadata', () => {
  it('comes as it went, whatever its keys', () => {
    const metadata = JSON.parse('{"__proto__": "a", "constructor": "b", "": "c"}') as Record<string, string>
    const to = new Writer()
    writeMetadata(to, metadata)
    const read = readMetadata(new Reader(Buffer.concat(to.finish())))
    expect(Object.entries(read)).toEqual(Object.entries(metadata))
    expect(Object.getPrototypeOf(read)).toBe(Object.prototype)
  })

  it.each([
    ['many', Object.fromEntries(Array.from({ length: 65 }, (_, n) => [String(n), '']))],
    ['long', { a: 'x'.repeat(callLimits.metadataBytesMax) }],
  ])('that is too %s is not sent', (_, metadata) => {
    expect(() => writeMetadata(new Writer(), metadata)).toThrow('CALL_TOO_LARGE')
  })
})

describe('a trace', () => {
  const parent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'

  it('goes on in a new span', () => {
    const next = nextTrace(parent, new ManualWorld())
    expect(next).toMatch(/^00-0af7651916cd43dd8448eb211c80319c-[0-9a-f]{16}-01$/)
    expect(next).not.toBe(parent)
  })

  it.each([
    undefined,
    '',
    parent.toUpperCase(),
    parent.replace('00-', 'ff-'),
    `00-${'0'.repeat(32)}-b7ad6b7169203331-01`,
    `00-0af7651916cd43dd8448eb211c80319c-${'0'.repeat(16)}-01`,
    `${parent}-x`,
  ])('begins anew after %s', text => {
    expect(parseTrace(text)).toBeUndefined()
    expect(nextTrace(text, new ManualWorld())).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/)
  })
})
