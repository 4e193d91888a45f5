import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { ManualWorld } from '../../world/index.ts'
import { collectWhenIdle, GARBAGE_BYTES, HEAP_BYTES_MAX, type Memory } from './idle-collection.ts'

/** A process in which a test works and leaves garbage. */
class ManualMemory implements Memory {
  externalBytes = 1000
  residentBytes = 50_000_000
  heapBytes = 0
  worked = 0
  collections = 0

  external(): number {
    return this.externalBytes
  }
  resident(): number {
    return this.residentBytes
  }
  heap(): number {
    return this.heapBytes
  }
  busyMs(): number {
    return this.worked
  }
  collect(): void {
    this.collections++
    this.worked += 100
  }
}

function idleProcess() {
  const [world, memory] = [new ManualWorld(), new ManualMemory()]
  return { world, memory, idle: collectWhenIdle(world, memory) }
}

describe('a broker that falls idle', () => {
  it.each<[string, Partial<ManualMemory>, number]>([
    ['much outside of its heap', { externalBytes: GARBAGE_BYTES + 1000 }, 2],
    ['little outside of its heap', { externalBytes: GARBAGE_BYTES + 999 }, 0],
    ['much more memory in all', { residentBytes: 50_000_000 + GARBAGE_BYTES }, 2],
    ['little more memory in all', { residentBytes: 50_000_000 + GARBAGE_BYTES - 1 }, 0],
    ['a large heap', { externalBytes: GARBAGE_BYTES * 2, heapBytes: HEAP_BYTES_MAX + 1 }, 0],
  ])('with %s', (_, left, expected) => {
    const { world, memory, idle } = idleProcess()
    using _idle = idle
    Object.assign(memory, left)
    world.advance(60_000)
    expect(memory.collections).toBe(expected)
  })

  it('collects once when it was idle for a while, and once more later', () => {
    const { world, memory, idle } = idleProcess()
    using _idle = idle
    memory.externalBytes = GARBAGE_BYTES * 2
    const counts = [2499, 1, 2499, 1, 60_000].map(ms => {
      world.advance(ms)
      return memory.collections
    })
    expect(counts).toEqual([0, 1, 1, 2, 2])
  })

  it('does not while it works', () => {
    const { world, memory, idle } = idleProcess()
    using _idle = idle
    memory.externalBytes = GARBAGE_BYTES * 2
    for (let n = 0; n < 10; n++) {
      memory.worked += 125
      world.advance(2500)
    }
    expect(memory.collections).toBe(0)
    memory.worked += 124
    world.advance(2500)
    expect(memory.collections).toBe(1)
    memory.worked += 125
    world.advance(2500)
    expect(memory.collections).toBe(1)
    world.advance(5000)
    expect(memory.collections).toBe(3)
  })

  it('does so again when there is more than was left when all had settled', () => {
    const { world, memory, idle } = idleProcess()
    using _idle = idle
    memory.externalBytes = GARBAGE_BYTES * 3
    world.advance(2500)
    memory.externalBytes = GARBAGE_BYTES * 2
    world.advance(2500)
    memory.externalBytes = GARBAGE_BYTES
    world.advance(60_000)
    expect(memory.collections).toBe(2)
    memory.externalBytes = GARBAGE_BYTES * 2
    world.advance(60_000)
    expect(memory.collections).toBe(4)
  })

  it('leaves V8 alone afterwards', () => {
    const { world, memory, idle } = idleProcess()
    {
      using _idle = idle
      memory.externalBytes = GARBAGE_BYTES * 2
    }
    world.advance(60_000)
    expect(memory.collections).toBe(0)
  })

  it('gets its memory back from V8', async () => {
    const script = `
      import { systemWorld } from './src/world/index.ts'
      import { collectWhenIdle } from './src/cli/serve/idle-collection.ts'
      const idle = collectWhenIdle({ ...systemWorld, after: (ms, run) => systemWorld.after(ms / 100, run) })
      globalThis.held = Array.from({ length: 48 }, () => Buffer.alloc(1024 * 1024))
      let kept = []
      for (let n = 0; n < 5_000_000; n++) {
        kept.push({ n })
        if (kept.length > 20_000) kept = []
      }
      const before = process.memoryUsage().arrayBuffers
      globalThis.held = undefined // old by now, so that only a collection of all finds it
      const until = Date.now() + 20_000
      while (process.memoryUsage().arrayBuffers > before / 2 && Date.now() < until)
        await new Promise(resolve => setTimeout(resolve, 50))
      console.log(JSON.stringify({ before, after: process.memoryUsage().arrayBuffers }))
      idle[Symbol.dispose]()
    `
    const node = ['--import', 'tsx', '--input-type=module', '-e', script]
    const { stdout } = await promisify(execFile)(process.execPath, node)
    const { before, after } = JSON.parse(stdout) as { before: number; after: number }
    expect(before).toBeGreaterThan(48 * 1024 * 1024)
    expect(after).toBeLessThan(before / 2)
  })
})
