import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { changed, stampOf } from './watch.ts'

let folder: string
let path: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'watch-'))
  path = join(folder, 'a.x')
  writeFileSync(path, 'one')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

describe('waiting for a change', () => {
  it('ends when a file is written', async () => {
    const other = join(folder, 'b.x')
    writeFileSync(other, '')
    const stamps = new Map([path, other].map(one => [one, stampOf(one)]))
    const waiting = changed(stamps, new AbortController().signal)
    writeFileSync(other, 'more')
    await waiting
    expect(stampOf(other)).not.toBe(stamps.get(other))
  })

  it('ends at once when it was written after its stamp', async () => {
    const stamps = new Map([[path, stampOf(path)]])
    utimesSync(path, 1, 1)
    await changed(stamps, new AbortController().signal)
    expect(stampOf(path)).toBe('1000 3')
  })

  it('ends when it is no longer wanted, before and while it waits', async () => {
    const stamps = new Map([[path, stampOf(path)]])
    await changed(stamps, AbortSignal.abort())
    const stop = new AbortController()
    const waiting = changed(stamps, stop.signal)
    stop.abort()
    await waiting
    expect(stampOf(path)).toBe(stamps.get(path))
  })

  it('does not end because a file is gone', async () => {
    const stamps = new Map([[path, stampOf(path)]])
    rmSync(path)
    expect(stampOf(path)).toBe('')
    const waiting = changed(stamps, new AbortController().signal)
    writeFileSync(path, 'another')
    await waiting
  })
})
