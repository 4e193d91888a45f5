import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { ManualWorld } from '../../world/index.ts'
import { collectWhenIdle, GARBAGE_BYTES, HEAP_BYTES_MAX, type Memory } from './idle-collection.ts'

/** A memory in which a test leaves garbage. */
class ManualMemory implements Memory {
  bytes = 1000
  heapBytes = 0
  residentBytes = 50_000_000
  collections = 0
  /** Whether what a collection finds is free at once. */
  frees = true
  #look: (() => void) | undefined

  external(): number {
    return this.bytes
  }

  resident(): number {
    return this.residentBytes
  }

  heap(): number {
    return this.heapBytes
  }

  collect(): void {
    this.collections++
    if (this.frees) this.bytes = 2000
    this.looked()
  }

  watch(look: () => void): Disposable {
    this.#look = look
    return { [Symbol.dispose]: () => (this.#look = undefined) }
  }

  /** V8 has collected, and garbage is left. */
  looked(bytes = this.bytes): void {
    this.bytes = bytes
    this.#look?.()
  }
}

describe('a broker that falls idle', () => {
  it.each([
    ['with much that may be dead', GARBAGE_BYTES + 1000, 0, 1],
    ['with little', GARBAGE_BYTES + 999, 0, 0],
    ['with a large heap', GARBAGE_BYTES + 1000, HEAP_BYTES_MAX + 1, 0],
  ])('%s, %i bytes, looks at a heap of %i and collects %i times', (_, bytes, heapBytes, expected) => {
    const [world, memory] = [new ManualWorld(), new ManualMemory()]
    using _idle = collectWhenIdle(world, memory)
    memory.heapBytes = heapBytes
    memory.looked(bytes)
    world.advance(2999)
    expect(memory.collections).toBe(0)
    world.advance(1)
    expect(memory.collections).toBe(expected)
  })

  it('collects twice, until there is new garbage, and not while it works', () => {
    const [world, memory] = [new ManualWorld(), new ManualMemory()]
    using _idle = collectWhenIdle(world, memory)
    for (let n = 0; n < 10; n++) {
      memory.looked(GARBAGE_BYTES * 2)
      world.advance(2000)
    }
    expect(memory.collections).toBe(0)
    world.advance(60_000)
    expect(memory.collections).toBe(2)
    memory.looked(GARBAGE_BYTES * 2)
    world.advance(60_000)
    expect(memory.collections).toBe(4)
  })

  it('takes for what is in use what is left when all has settled', () => {
    const [world, memory] = [new ManualWorld(), new ManualMemory()]
    using _idle = collectWhenIdle(world, memory)
    memory.frees = false
    memory.looked(GARBAGE_BYTES * 3)
    world.advance(3000)
    memory.bytes = GARBAGE_BYTES * 2
    world.advance(3000)
    memory.bytes = 2000
    world.advance(60_000)
    expect(memory.collections).toBe(2)
    memory.looked(GARBAGE_BYTES + 2000)
    world.advance(3000)
    expect(memory.collections).toBe(3)
  })

  it('collects when the process has grown though little is held outside the heap, once for what stays', () => {
    const [world, memory] = [new ManualWorld(), new ManualMemory()]
    using _idle = collectWhenIdle(world, memory)
    memory.residentBytes += GARBAGE_BYTES - 1
    memory.looked()
    world.advance(60_000)
    expect(memory.collections).toBe(0)
    memory.residentBytes += 1
    memory.looked()
    world.advance(60_000)
    expect(memory.collections).toBe(2)
    memory.looked()
    world.advance(60_000)
    expect(memory.collections).toBe(2)
  })

  it('does not collect a second time in the midst of work', () => {
    const [world, memory] = [new ManualWorld(), new ManualMemory()]
    using _idle = collectWhenIdle(world, memory)
    memory.looked(GARBAGE_BYTES * 2)
    world.advance(3000)
    expect(memory.collections).toBe(1)
    memory.looked(GARBAGE_BYTES * 2)
    world.advance(5499)
    expect(memory.collections).toBe(1)
    world.advance(1)
    expect(memory.collections).toBe(2)
  })

  it('does not take for in use what work has left that came before it had settled', () => {
    const [world, memory] = [new ManualWorld(), new ManualMemory()]
    using _idle = collectWhenIdle(world, memory)
    memory.looked(GARBAGE_BYTES * 2)
    world.advance(5500)
    expect(memory.collections).toBe(2)
    memory.looked(GARBAGE_BYTES * 2)
    world.advance(5499)
    expect(memory.collections).toBe(2)
    world.advance(1)
    expect(memory.collections).toBe(3)
  })

  it('leaves V8 alone afterwards', () => {
    const [world, memory] = [new ManualWorld(), new ManualMemory()]
    {
      using _idle = collectWhenIdle(world, memory)
      memory.looked(GARBAGE_BYTES * 2)
    }
    memory.looked(GARBAGE_BYTES * 2)
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
