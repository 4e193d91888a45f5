// The settings that are kept and do nothing: the table holds together, and the one that would be a promise is refused.

import { describe, expect, it } from 'vitest'
import { Settings } from '../settings.ts'
import { inertSettings } from './inert-settings.ts'
import { checkSettings, flawOf, resolveSettings, topicSettings } from './settings.ts'

describe('settings without effect', () => {
  it.each(inertSettings.map(row => [row.name, row] as const))('%s takes its own default', (_name, row) => {
    expect(flawOf(row, row.default)).toBeUndefined()
    expect(row.summary).toMatch(/^No effect: |only false is taken\.$/)
  })

  it('share no name with each other or with those that do something', () => {
    const names = topicSettings.map(({ name }) => name)
    expect(new Set(names).size).toBe(names.length)
    const brokerNames = topicSettings.flatMap(({ broker }) => (broker === '' ? [] : [broker]))
    expect(new Set(brokerNames).size).toBe(brokerNames.length)
  })

  it('change nothing of how a topic is kept', () => {
    const before = resolveSettings(new Map(), new Map())
    const own = new Map(inertSettings.map(row => [row.name, row.default]))
    expect(resolveSettings(own, new Map())).toEqual(before)
  })

  const values: readonly [name: string, value: string, taken: boolean][] = [
    ['remote.storage.enable', 'false', true],
    ['remote.storage.enable', 'true', false],
    ['compression.gzip.level', '-1', true],
    ['compression.gzip.level', '0', false],
    ['compression.gzip.level', '9', true],
    ['compression.gzip.level', '10', false],
    ['compression.lz4.level', '17', true],
    ['compression.lz4.level', '18', false],
    ['local.retention.ms', '-2', true],
    ['local.retention.ms', '-3', false],
    ['leader.replication.throttled.replicas', '*', true],
    ['leader.replication.throttled.replicas', '0:1, 2:3', true],
    ['leader.replication.throttled.replicas', '0-1', false],
    ['preallocate', 'yes', false],
  ]
  it.each(values)('%s=%s is taken: %s', (name, value, taken) => {
    const check = () => checkSettings({ [name]: value })
    if (taken) expect(check).not.toThrow()
    else expect(check).toThrow(`for configuration ${name}`)
  })

  it('have a broker-wide default where Kafka has one', () => {
    const settings = new Settings({ 'log.flush.interval.ms': 7 })
    expect(settings.topicDefaults().get('flush.ms')).toBe('7')
    expect(settings.row('')).toBeUndefined()
  })
})
