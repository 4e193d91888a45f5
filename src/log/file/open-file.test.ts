// A file that is closed while somebody waits for it.

import { describe, expect, it } from 'vitest'
import type { DiskFile } from './disk.ts'
import { OpenFile } from './open-file.ts'

function fake(): { readonly file: DiskFile; readonly calls: string[]; answer(): void } {
  const calls: string[] = []
  const waiting: (() => void)[] = []
  const later = <Value>(what: string, value: Value): Promise<Value> => {
    calls.push(what)
    return new Promise(resolve => waiting.push(() => resolve(value)))
  }
  const file: DiskFile = {
    size: () => 0,
    read: () => 0,
    readLater: () => later('read', 3),
    write: () => 0,
    truncate: () => {},
    sync: () => later('sync', undefined),
    close: () => void calls.push('close'),
  }
  return { file, calls, answer: () => waiting.shift()?.() }
}

describe('an open file', () => {
  it('is closed at once when nobody waits, and once', () => {
    const { file, calls } = fake()
    const open = new OpenFile(file)
    open.close()
    open.close()
    expect(calls).toEqual(['close'])
  })

  it('is closed after the last answer: its number must not go to another file before', async () => {
    const { file, calls, answer } = fake()
    const open = new OpenFile(file)
    const answers = [open.readLater(Buffer.alloc(3), 0), open.sync()]
    open.close()
    answer()
    expect(await answers[0]).toBe(3)
    expect(calls).toEqual(['read', 'sync'])
    answer()
    await answers[1]
    expect(calls).toEqual(['read', 'sync', 'close'])
  })

  it('is closed after the last who held it, each of whom counts once', () => {
    const { file, calls } = fake()
    const open = new OpenFile(file)
    const [first, second] = [open.hold(), open.hold()]
    open.close()
    first()
    first()
    expect(calls).toEqual([])
    second()
    expect(calls).toEqual(['close'])
  })
})
