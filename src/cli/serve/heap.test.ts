import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { FEW_OLD_BYTES, type Heap, ROOM_BYTES, tendHeap, YOUNG_SPACE_BYTES } from './heap.ts'

const MIB = 1024 * 1024

/** A heap that a test collects. */
class ManualHeap implements Heap {
  readonly flags: string[] = []
  old = 8 * MIB
  #size: number
  #look: (() => void) | undefined

  constructor(size: number) {
    this.#size = size
  }

  oldObjects(): number {
    return this.old
  }

  youngSpace(): number {
    return this.#size
  }

  setFlags(flags: string): void {
    this.flags.push(flags)
  }

  watch(look: () => void): Disposable {
    this.#look = look
    return { [Symbol.dispose]: () => (this.#look = undefined) }
  }

  collect(size: number): void {
    this.#size = size
    this.#look?.()
  }
}

function growingPercent(old: number): number {
  const heap = new ManualHeap(YOUNG_SPACE_BYTES)
  heap.old = old
  using _ = tendHeap({}, heap)
  return Number(/percent=(\d+)/.exec(heap.flags.at(-1) ?? '')?.[1])
}

describe('the heap of a broker', () => {
  it.each([
    [{}, ['--semi-space-growth-factor=8 --heap-growing-percent=550']],
    [
      { NODE_OPTIONS: '--max-old-space-size=512' },
      ['--semi-space-growth-factor=8 --heap-growing-percent=550'],
    ],
    [{ NODE_OPTIONS: '--max-semi-space-size=32' }, []],
    [{ NODE_OPTIONS: '--max_semi_space_size=32' }, []],
  ])('with %j gets %j', (env, expected) => {
    const heap = new ManualHeap(2 * MIB)
    using _ = tendHeap(env, heap)
    expect(heap.flags).toEqual(expected)
  })

  it('may grow when V8 has taken the space back, and not beyond its size', () => {
    const heap = new ManualHeap(YOUNG_SPACE_BYTES)
    {
      using _ = tendHeap({}, heap)
      for (const size of [1 * MIB, 1 * MIB, 2 * MIB, YOUNG_SPACE_BYTES, 2 * YOUNG_SPACE_BYTES])
        heap.collect(size)
      expect(heap.flags.map(flags => /factor=(\d+)/.exec(flags)?.[1])).toEqual(['1', '16', '8', '1'])
    }
    heap.collect(1 * MIB)
    expect(heap.flags).toHaveLength(4)
  })

  it.each([1, 5, 9, 15, 24])('leaves %i MiB of old objects room to grow', mib => {
    const room = (mib * MIB * growingPercent(mib * MIB)) / 100
    expect(room).toBeGreaterThan(ROOM_BYTES * 0.9)
    expect(room).toBeLessThanOrEqual(ROOM_BYTES)
  })

  it('leaves the growth of many old objects to V8, and takes hardly any for some', () => {
    expect(growingPercent(FEW_OLD_BYTES + 1)).toBe(0)
    expect(growingPercent(0)).toBe(growingPercent(MIB))
  })

  it('grows to its size and not beyond in a process that is running already', async () => {
    const script = `
      import { tendHeap } from ${JSON.stringify(new URL('./heap.ts', import.meta.url).href)}
      import { getHeapSpaceStatistics } from 'node:v8'
      tendHeap({})
      let kept = []
      for (let n = 0; n < 5_000_000; n++) {
        kept.push({ n })
        if (kept.length > 20_000) kept = []
        if (n % 10_000 === 0) await new Promise(resolve => setImmediate(resolve))
      }
      console.log(getHeapSpaceStatistics().find(one => one.space_name === 'new_space').space_size)`
    const node = ['--import', 'tsx', '--input-type=module', '-e', script]
    const { stdout } = await promisify(execFile)(process.execPath, node)
    expect(Number(stdout)).toBe(YOUNG_SPACE_BYTES)
  })

  // V8 goes by the time, too: on a busy machine an attempt may show little. Without the care none does.
  it('spares a process that holds little and moves much the looking through what is old', {
    retry: 4,
  }, async () => {
    const majors = async (first: string): Promise<number> => {
      const script = `
      import { tendHeap } from ${JSON.stringify(new URL('./heap.ts', import.meta.url).href)}
      import { constants, PerformanceObserver } from 'node:perf_hooks'
      ${first}
      const turn = () => new Promise(resolve => setTimeout(resolve, 10))
      await turn()
      gc() // sets the room
      await turn()
      let majors = 0
      const isMajor = one => one.detail.kind === constants.NODE_PERFORMANCE_GC_MAJOR
      new PerformanceObserver(list => (majors += list.getEntries().filter(isMajor).length)).observe({ type: 'gc' })
      let kept = []
      for (let n = 0; n < 40_000; n++) {
        Buffer.allocUnsafeSlow(64 * 1024)
        kept.push(Array.from({ length: 20 }, (_, i) => ({ i })))
        if (kept.length > 4000) kept = []
        if (n % 100 === 0) await new Promise(resolve => setImmediate(resolve))
      }
      await turn()
      console.log(majors)
      process.exit()`
      const node = ['--expose-gc', '--import', 'tsx', '--input-type=module', '-e', script]
      return Number((await promisify(execFile)(process.execPath, node)).stdout)
    }
    const [tended, untended] = [await majors('tendHeap({})'), await majors('')]
    expect(untended).toBeGreaterThan(5)
    expect(tended).toBeLessThan(untended / 2)
  })
})
