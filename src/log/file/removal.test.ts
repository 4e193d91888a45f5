import { mkdtempSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { LARGE_BYTES, Removal, WAITING_MAX } from './removal.ts'

const root = mkdtempSync(join(tmpdir(), 'posthorn-removal-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

function files(count: number, bytes: number): string[] {
  const paths = Array.from({ length: count }, (_, at) => join(root, String(at)))
  for (const path of paths) {
    writeFileSync(path, '')
    truncateSync(path, bytes)
  }
  return paths
}

describe('removing', () => {
  it.each([
    ['small', 3, LARGE_BYTES - 1, 0],
    ['large', 3, LARGE_BYTES, 3],
    ['very many large', WAITING_MAX + 3, LARGE_BYTES, WAITING_MAX],
  ])('%s files takes their names at once, and then their room', async (_, count, bytes, waiting) => {
    const removal = new Removal()
    for (const path of files(count, bytes)) removal.remove(path)
    expect(readdirSync(root)).toEqual([])
    expect(removal.waiting).toBe(waiting)
    await vi.waitFor(() => expect(removal.waiting).toBe(0))
  })

  it('says ENOENT where there is no file', () => {
    expect(() => new Removal().remove(join(root, 'none'))).toThrow(
      expect.objectContaining({ code: 'ENOENT' }),
    )
  })
})
