import { describe, expect, it } from 'vitest'
import { GroupSettings } from './group-settings.ts'
import { Settings } from './settings.ts'

const settings = new GroupSettings(new Settings({ 'group.share.record.lock.duration.ms': 20_000 }))

const refused = (name: string, value: string): boolean => {
  try {
    settings.check({ [name]: value })
    return false
  } catch (error) {
    expect(error).toMatchObject({ code: 'CONFIG_INVALID' })
    return true
  }
}

describe('settings of a group', () => {
  it.each([
    ['share.auto.offset.reset', 'earliest', false],
    ['share.auto.offset.reset', 'by_duration:P1DT2H3M4.5S', false],
    ['share.auto.offset.reset', 'by_duration:P', true],
    ['share.auto.offset.reset', 'by_duration:PT', true],
    ['share.auto.offset.reset', 'by_duration:-PT1S', true],
    ['share.auto.offset.reset', 'none', true],
    ['share.record.lock.duration.ms', '15000', false],
    ['share.record.lock.duration.ms', '14999', true],
    ['share.record.lock.duration.ms', '60001', true],
    ['share.isolation.level', 'read_committed', false],
    ['share.isolation.level', 'serializable', true],
    ['share.delivery.count.limit', '11', true],
    ['retention.ms', '1', true],
  ])('%s=%s is refused: %s', (name, value, expected) => {
    expect(refused(name, value)).toBe(expected)
  })

  it("are the broker's where the group has none", () => {
    expect(settings.number('any', 'share.record.lock.duration.ms')).toBe(20_000)
    expect(settings.offsetReset('any')).toEqual({ at: 'latest' })
    settings.sections[0].apply('own', {
      'share.auto.offset.reset': 'by_duration:PT1M',
      'share.record.lock.duration.ms': '90000',
    })
    expect(settings.offsetReset('own')).toEqual({ at: 'time', agoMs: 60_000 })
    expect(settings.number('own', 'share.record.lock.duration.ms')).toBe(60_000) // within the bounds that hold now
  })
})
