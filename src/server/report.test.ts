// Log lines: pino's form, levels, redaction, and that nothing a peer sends reaches the terminal as a command.

import { describe, expect, it } from 'vitest'
import { ManualWorld } from '../world/index.ts'
import { lineReporter, type ReportOptions } from './report.ts'

function lines(options: Partial<ReportOptions>) {
  const written: string[] = []
  const report = lineReporter({
    format: 'json',
    level: 'debug',
    world: new ManualWorld({ now: Date.UTC(2026, 0, 2, 3, 4, 5, 678) }),
    write: line => written.push(line),
    ...options,
  })
  return { report, written }
}

describe('the log', () => {
  it.each([
    ['debug', 20],
    ['info', 30],
    ['warn', 40],
    ['error', 50],
  ] as const)('writes %s as one JSON line with pino level %i', (level, number) => {
    const { report, written } = lines({ base: { pid: 7 } })
    report[level]('hello', { peer: '::1', none: undefined })
    expect(written).toEqual([`{"level":${number},"time":1767323045678,"msg":"hello","pid":7,"peer":"::1"}\n`])
  })

  it('leaves out what is below its level', () => {
    const { report, written } = lines({ level: 'warn' })
    report.info('no')
    report.warn('yes')
    expect(written).toHaveLength(1)
  })

  it.each(['password', 'tlsPassphrase', 'clientSecret', 'token'])('never writes the field %s', name => {
    for (const format of ['json', 'text'] as const) {
      const { report, written } = lines({ format })
      report.info('login', { [name]: 'hunter2' })
      expect(written[0]).toContain('[redacted]')
      expect(written[0]).not.toContain('hunter2')
    }
  })

  it('keeps its own fields when an event has one of the same name', () => {
    const { report, written } = lines({})
    report.info('hello', { level: 'mine', time: 'now' })
    expect(JSON.parse(written[0] ?? '')).toMatchObject({ level: 30, level_: 'mine', time_: 'now' })
  })

  it('writes text for people, and escapes what would drive a terminal', () => {
    const { report, written } = lines({ format: 'text' })
    report.warn('a\x1b[2Jb', { peer: '10.0.0.1', reason: 'two words \x07' })
    expect(written).toEqual(['03:04:05.678 warn  a\\u001b[2Jb  peer=10.0.0.1 reason="two words \\\\u0007"\n'])
  })
})
