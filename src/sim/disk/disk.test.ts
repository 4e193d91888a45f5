// The simulated disk by itself: what a power loss may do to data and names, what it may not, and that seeds repeat.

import { describe, expect, it } from 'vitest'
import { PowerLoss, SimDisk } from './index.ts'

const seeds = Array.from({ length: 300 }, (_, seed) => seed)

function content(disk: SimDisk, path: string): Buffer {
  const file = disk.open(path, 'read')
  const bytes = Buffer.alloc(file.size())
  file.read(bytes, 0)
  file.close()
  return bytes
}

async function diskWith(path: string, bytes: Buffer, options = {}): Promise<SimDisk> {
  const disk = new SimDisk(options)
  const file = disk.open(path, 'create')
  file.write([bytes], 0)
  await file.sync()
  await disk.syncFolder('')
  file.close()
  return disk
}

/** What the file holds after power was lost, over many seeds, as letters; 'gone' when there is no file. */
function outcomes(disk: SimDisk, path: string, letter: (bytes: Buffer) => string): Set<string> {
  return new Set(
    seeds.map(seed => {
      const found = disk.restart(seed)
      return found.list('').includes(path) ? letter(content(found, path)) : 'gone'
    }),
  )
}

const runs = (bytes: Buffer): string =>
  [...bytes]
    .map(byte => (byte === 0 ? '.' : String.fromCharCode(byte)))
    .join('')
    .replace(/(.)\1*/g, '$1')

/** Long enough for whatever the disk does in the background. */
async function rounds(count: number): Promise<string> {
  for (let at = 0; at < count; at++) await new Promise(resolve => setImmediate(resolve))
  return 'nothing'
}

describe('data', () => {
  it('reads what was written, across buffers and past the end', () => {
    const disk = new SimDisk()
    const file = disk.open('a', 'create')
    expect(file.write([Buffer.from('abc'), Buffer.from('def')], 510)).toBe(6)
    expect(file.size()).toBe(516)
    const into = Buffer.alloc(10)
    expect(file.read(into, 509)).toBe(7)
    expect(into.toString('latin1', 0, 7)).toBe('\0abcdef')
    expect(file.read(into, 516)).toBe(0)
  })

  it('keeps what was synced through every power loss', async () => {
    const disk = await diskWith('a', Buffer.alloc(5000, 'x'))
    expect(outcomes(disk, 'a', runs)).toEqual(new Set(['x']))
  })

  it('loses, keeps or tears what was not synced, by sectors', async () => {
    const disk = await diskWith('a', Buffer.alloc(2048, 'x'))
    disk.open('a', 'write').write([Buffer.alloc(1024, 'y')], 512)
    const found = outcomes(disk, 'a', runs)
    for (const one of ['x', 'xyx', 'xyxyx'] as const) expect(found).toContain(one)
    for (const one of found) expect(one).toMatch(/^x([xy]*x)?$/)
    const torn = seeds.some(seed => content(disk.restart(seed), 'a').indexOf('y', 513) % 512 !== 0)
    expect(torn).toBe(true)
  })

  it('covers by a sync what was written before the call', async () => {
    const disk = await diskWith('a', Buffer.alloc(1024, 'x'))
    const file = disk.open('a', 'write')
    file.write([Buffer.alloc(512, 'y')], 0)
    const synced = file.sync()
    file.write([Buffer.alloc(512, 'z')], 512)
    await synced
    expect([...outcomes(disk, 'a', bytes => String.fromCharCode(bytes[0] ?? 0))]).toEqual(['y'])
  })

  it('does not cover by a sync what was written after the call, unless by chance', async () => {
    const lost = await Promise.all(
      seeds.slice(0, 40).map(async seed => {
        const disk = await diskWith('a', Buffer.alloc(512, 'x'), { seed })
        const file = disk.open('a', 'write')
        const synced = file.sync()
        file.write([Buffer.alloc(512, 'z')], 0)
        await synced
        return outcomes(disk, 'a', runs).has('x')
      }),
    )
    expect(new Set(lost)).toEqual(new Set([true, false]))
  })

  it('may lose growth, and reads zeros where growth came without its bytes', async () => {
    const disk = await diskWith('a', Buffer.alloc(512, 'x'))
    disk.open('a', 'write').write([Buffer.alloc(1536, 'y')], 512)
    const found = outcomes(disk, 'a', runs)
    for (const one of ['x', 'xy', 'x.'] as const) expect(found).toContain(one)
  })

  it('may undo a cut that was not synced', async () => {
    const disk = await diskWith('a', Buffer.alloc(1024, 'x'))
    disk.open('a', 'write').truncate(512)
    const sizes = outcomes(disk, 'a', bytes => String(bytes.length))
    expect(sizes).toContain('512')
    expect(sizes).toContain('1024')
  })

  it('writes back by itself when told to, and repeats by seed', async () => {
    const run = async (seed: number) => {
      const disk = await diskWith('a', Buffer.alloc(4096, 'x'), { seed, faults: { writeBack: 0.5 } })
      const file = disk.open('a', 'write')
      for (let at = 0; at < 20; at++) file.write([Buffer.alloc(512, 97 + at)], (at % 8) * 512)
      return { found: runs(content(disk.restart(seed), 'a')), trace: disk.trace }
    }
    expect(await run(5)).toEqual(await run(5))
    expect((await run(5)).found).not.toEqual((await run(6)).found)
  })
})

describe('names', () => {
  it('loses or keeps a new name until its folder was synced', async () => {
    const disk = new SimDisk()
    const file = disk.open('a', 'create')
    file.write([Buffer.from('x')], 0)
    await file.sync()
    expect(outcomes(disk, 'a', runs)).toEqual(new Set(['x', 'gone']))
    await disk.syncFolder('')
    expect(outcomes(disk, 'a', runs)).toEqual(new Set(['x']))
  })

  it('renames whole: the old name or the new, never none or both', async () => {
    const disk = await diskWith('a', Buffer.from('x'))
    disk.rename('a', 'b')
    expect(new Set(seeds.map(seed => disk.restart(seed).list('').join()))).toEqual(new Set(['a', 'b']))
    await disk.syncFolder('')
    expect(new Set(seeds.map(seed => disk.restart(seed).list('').join()))).toEqual(new Set(['b']))
  })

  it('brings a removed file back until the folder was synced', async () => {
    const disk = await diskWith('a', Buffer.from('x'))
    disk.remove('a')
    expect(outcomes(disk, 'a', runs)).toEqual(new Set(['x', 'gone']))
    await disk.syncFolder('')
    expect(outcomes(disk, 'a', runs)).toEqual(new Set(['gone']))
  })

  it('keeps changes of one folder apart from those of another', async () => {
    const disk = new SimDisk()
    disk.makeFolder('f')
    await disk.syncFolder('')
    disk.open('f/a', 'create')
    disk.open('b', 'create')
    await disk.syncFolder('f')
    const names = new Set(
      seeds.map(seed => [...disk.restart(seed).list('f'), ...disk.restart(seed).list('')].join()),
    )
    expect(names).toEqual(new Set(['a,f', 'a,f,b']))
  })

  it('makes both durable when two folders are synced at the same time', async () => {
    for (const seed of seeds.slice(0, 20)) {
      const disk = new SimDisk({ seed })
      disk.makeFolder('f')
      disk.makeFolder('g')
      await disk.syncFolder('')
      disk.open('f/a', 'create')
      disk.open('g/b', 'create')
      await Promise.all([disk.syncFolder('f'), disk.syncFolder('g')])
      const found = disk.restart(seed)
      expect([...found.list('f'), ...found.list('g')]).toEqual(['a', 'b'])
    }
  })

  it.each([
    ['ENOENT', (disk: SimDisk) => disk.open('no', 'read')],
    ['ENOENT', (disk: SimDisk) => disk.remove('no')],
    ['ENOENT', (disk: SimDisk) => disk.open('no/a', 'create')],
    ['ENOENT', (disk: SimDisk) => disk.list('no')],
    ['EEXIST', (disk: SimDisk) => disk.open('a', 'create')],
    ['ENOTEMPTY', (disk: SimDisk) => disk.removeFolder('f')],
    ['EBADF', (disk: SimDisk) => disk.open('a', 'read').write([Buffer.from('x')], 0)],
    ['ENOTDIR', (disk: SimDisk) => disk.list('a')],
  ] as const)('answers %s as Node does', (code, run) => {
    const disk = new SimDisk()
    disk.open('a', 'create')
    disk.makeFolder('f')
    disk.makeFolder('f')
    disk.open('f/b', 'create')
    expect(() => run(disk)).toThrow(expect.objectContaining({ code }))
  })
})

describe('faults', () => {
  it('fails a sync once and lies in the next: the pages count as clean though they are not there', async () => {
    const disk = await diskWith('a', Buffer.alloc(512, 'x'), { seed: 3 })
    const file = disk.open('a', 'write')
    file.write([Buffer.alloc(512, 'y')], 0)
    disk.faults.syncError = 1
    await expect(file.sync()).rejects.toMatchObject({ code: 'EIO' })
    disk.faults.syncError = 0
    await file.sync()
    expect(runs(content(disk, 'a'))).toBe('y')
    expect(outcomes(disk, 'a', runs)).toContain('x')
    file.write([Buffer.alloc(512, 'y')], 0)
    await file.sync()
    expect(outcomes(disk, 'a', runs)).toEqual(new Set(['y']))
  })

  it('takes what fits, then says ENOSPC, and goes on when there is room', () => {
    const disk = new SimDisk({ capacity: 1024 })
    const file = disk.open('a', 'create')
    expect(file.write([Buffer.alloc(800), Buffer.alloc(800)], 0)).toBe(1024)
    expect(() => file.write([Buffer.alloc(1)], 1024)).toThrow(expect.objectContaining({ code: 'ENOSPC' }))
    expect(file.write([Buffer.alloc(1024)], 0)).toBe(1024)
    expect(disk.freeBytes()).toBe(0)
    file.truncate(512)
    expect(disk.freeBytes()).toBe(512)
    file.truncate(4096)
    expect(disk.freeBytes()).toBe(512)
    disk.remove('a')
    expect(disk.freeBytes()).toBe(1024)
    expect(disk.restart(1).freeBytes()).toBeLessThanOrEqual(1024)
  })

  it('writes short and refuses to read by chance', () => {
    const disk = new SimDisk({ faults: { shortWrite: 1, readError: 1 } })
    const file = disk.open('a', 'create')
    expect(file.write([Buffer.alloc(100)], 0)).toBeLessThan(100)
    expect(() => file.read(Buffer.alloc(1), 0)).toThrow(expect.objectContaining({ code: 'EIO' }))
    return expect(file.readLater(Buffer.alloc(1), 0)).rejects.toMatchObject({ code: 'EIO' })
  })

  it('rots on both planes', async () => {
    const disk = await diskWith('a', Buffer.alloc(600, 'x'))
    disk.rot('a', 550)
    expect(runs(content(disk, 'a'))).toBe('xhx')
    expect(outcomes(disk, 'a', runs)).toEqual(new Set(['xhx']))
  })
})

describe('endings', () => {
  it('can lose power at every step, four of them around a sync', async () => {
    const stages: string[] = []
    for (let crashAt = 0; crashAt < 7; crashAt++) {
      const disk = new SimDisk({ seed: 2, crashAt })
      let stage = 'start'
      const program = async () => {
        const file = disk.open('a', 'create')
        stage = 'opened'
        file.write([Buffer.from('x')], 0)
        stage = 'written'
        await file.sync()
        stage = 'synced'
        await new Promise(() => {})
      }
      program().catch(error => expect(error).toBeInstanceOf(PowerLoss))
      if (crashAt < 6) await disk.ended
      else await rounds(20)
      stages.push(`${stage} ${disk.ending}`)
    }
    expect(stages).toEqual([
      'start power lost',
      'opened power lost',
      'written power lost',
      'written power lost',
      'written power lost',
      'synced power lost',
      'synced running',
    ])
  })

  it('answers nothing after the end', async () => {
    const disk = await diskWith('a', Buffer.from('x'))
    const file = disk.open('a', 'write')
    disk.cut()
    expect(() => file.size()).toThrow(PowerLoss)
    expect(() => disk.list('')).toThrow(PowerLoss)
    const first = await Promise.race([file.sync(), file.readLater(Buffer.alloc(1), 0), rounds(20)])
    expect(first).toBe('nothing')
  })

  it('keeps the cache when only the process dies, and can still lose it later', async () => {
    const disk = await diskWith('a', Buffer.alloc(512, 'x'))
    disk.open('a', 'write').write([Buffer.alloc(512, 'y')], 0)
    disk.kill()
    const next = disk.restart(1)
    expect(runs(content(next, 'a'))).toBe('y')
    expect(outcomes(next, 'a', runs)).toContain('x')
    const file = next.open('a', 'write')
    await file.sync()
    expect(outcomes(next, 'a', runs)).toEqual(new Set(['y']))
  })
})
