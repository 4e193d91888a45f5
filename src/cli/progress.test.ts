import { Writable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { ManualWorld } from '../world/index.ts'
import { Progress, type WorkOptions } from './progress.ts'
import { type Printer, terminal } from './terminal.ts'

const CLEAR = '\r\x1b[2K'

function stage({ isTTY = true, enabled = true, env = {} } = {}) {
  let text = ''
  const stream = new Writable({
    write(chunk, _encoding, done) {
      text += String(chunk)
      done()
    },
  })
  const stderr: Printer = Object.assign(stream, { isTTY, columns: 80 })
  const world = new ManualWorld()
  const progress = new Progress({ stderr, terminal: terminal(stderr, env), world, enabled })
  return { world, progress, text: () => text, last: () => text.split(CLEAR).at(-1) }
}

describe('progress', () => {
  it.each([
    [{ label: 'reading', total: 1000 }, 250, 'reading ██████░░░░░░░░░░░░░░░░░░ 25% 250/1000 250/s ETA 3 s'],
    [
      { label: 'copying', total: 4096, unit: 'bytes' },
      4096,
      'copying ████████████████████████100% 4 KiB/4 KiB 4 KiB/s ETA 0 ms',
    ],
    [{ label: 'waiting', total: 10 }, 0, 'waiting ░░░░░░░░░░░░░░░░░░░░░░░░  0% 0/10'],
    [{ label: 'scanning' }, 30, '⠏ scanning 30 30/s'],
    [{ label: 'nothing to do', total: 0 }, 0, 'nothing to do ████████████████████████100% 0/0'],
  ] as [WorkOptions, number, string][])('of %j after one second and %i is %s', (options, done, line) => {
    const { world, progress, last } = stage()
    progress.begin(options).advance(done)
    world.advance('1s')
    expect(last()).toBe(line)
  })

  it.each([
    ['not a terminal', { isTTY: false }],
    ['--no-progress or --quiet', { enabled: false }],
    ['CI', { env: { CI: 'true' } }],
    ['a dumb terminal', { env: { TERM: 'dumb' } }],
  ])('is never drawn with %s', (_why, parts) => {
    const { world, progress, text } = stage(parts)
    const work = progress.begin({ label: 'x', total: 2 })
    work.to(1)
    world.advance('5s')
    work.end()
    expect(text()).toBe('')
    expect(world.pendingTimers).toBe(0)
  })

  it('never shows work that is over at once', () => {
    const { world, progress, text } = stage()
    progress.begin({ label: 'x' }).end()
    world.advance('1s')
    expect(text()).toBe('')
  })

  it('leaves neither a line nor a timer behind, however often it ends', () => {
    const { world, progress, text } = stage()
    const work = progress.begin({ label: 'x' })
    world.advance('150ms')
    work.end()
    work.end()
    progress.close()
    expect(text()).toBe(`${CLEAR}⠋ x${CLEAR}`)
    expect(world.pendingTimers).toBe(0)
  })

  it('gives way to other output and comes back', () => {
    const { world, progress, text } = stage()
    progress.begin({ label: 'x' })
    world.advance('100ms')
    progress.clear()
    progress.clear()
    expect(text()).toBe(`${CLEAR}⠋ x${CLEAR}`)
    world.advance('100ms')
    expect(text()).toContain('⠙ x')
  })

  it('shows the newer of two', () => {
    const { world, progress, last } = stage()
    const older = progress.begin({ label: 'older' })
    progress.begin({ label: 'newer' })
    older.end()
    world.advance('100ms')
    expect(last()).toContain('newer')
  })
})
