import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ManualWorld } from '../../../world/index.ts'
import { changed, INTERVAL_MS, stampOf } from './watch.ts'

let folder: string
let path: string
let world: ManualWorld
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'watch-'))
  path = join(folder, 'a.x')
  writeFileSync(path, 'one')
  world = new ManualWorld()
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** Waits for the files; `ended` says whether it is over. */
function watch(...paths: string[]) {
  const stop = new AbortController()
  const state = { ended: false, stop }
  const stamps = new Map(paths.map(one => [one, stampOf(one)]))
  const done = changed(stamps, world, stop.signal).then(() => {
    state.ended = true
  })
  return { state, done, stop }
}

describe('waiting for a change', () => {
  it('ends when one of the files is written', async () => {
    const other = join(folder, 'b.x')
    writeFileSync(other, '')
    const { state, done } = watch(path, other)
    await world.advance(INTERVAL_MS)
    expect(state.ended).toBe(false)
    writeFileSync(other, 'more')
    await world.advance(INTERVAL_MS)
    await done
    expect(state.ended).toBe(true)
  })

  it('ends at once when it was written after its stamp', async () => {
    const stamps = new Map([[path, stampOf(path)]])
    utimesSync(path, 1, 1)
    await changed(stamps, world, new AbortController().signal)
    expect(stampOf(path)).toBe('1000 3')
  })

  it('ends when a file comes that was looked for', async () => {
    const missing = join(folder, 'b.x')
    const { done } = watch(path, missing)
    writeFileSync(missing, '')
    await world.advance(INTERVAL_MS)
    await done
    expect(stampOf(missing)).not.toBe('')
  })

  it('goes on while a file is gone, and ends when it is there again', async () => {
    const { state, done } = watch(path)
    rmSync(path)
    await world.advance(INTERVAL_MS * 3)
    expect(state.ended).toBe(false)
    writeFileSync(path, 'another')
    await world.advance(INTERVAL_MS)
    await done
    expect(state.ended).toBe(true)
  })

  it('ends when it is no longer wanted, before and while it waits', async () => {
    await changed(new Map([[path, stampOf(path)]]), world, AbortSignal.abort())
    const { done, stop } = watch(path)
    stop.abort()
    await done
    expect(stampOf(path)).not.toBe('')
  })
})
