// Features are shown and stay: the codes and texts are those that Kafka 4.1 gave to the same requests.

import { describe, expect, it } from 'vitest'
import { kafkaErrors } from '../errors.ts'
import { features } from '../features.ts'
import { ApiVersions, UpdateFeatures } from '../wire/index.ts'
import { Scene } from './asking.contract.ts'

const UPGRADE = 1
const SAFE_DOWNGRADE = 2

const refusals = [
  ['is not known', { feature: 'x.y', maxVersionLevel: 1 }, 'does not support this feature'],
  ['is not known, at 0', { feature: 'x.y', maxVersionLevel: 0 }, 'Feature x.y not found.'],
  ['is too high', { feature: 'share.version', maxVersionLevel: 9 }, 'only supports versions 1'],
  ['is negative', { feature: 'share.version', maxVersionLevel: -1 }, 'cannot be less than 0'],
  [
    'would take it away',
    { feature: 'share.version', maxVersionLevel: 0, upgradeType: SAFE_DOWNGRADE },
    'only supports versions 1',
  ],
  [
    'is of no known type',
    { feature: 'share.version', maxVersionLevel: 1, upgradeType: 7 },
    'does not support the given upgrade type',
  ],
] as const

describe('UpdateFeatures (KIP-584)', () => {
  it.each(refusals)('refuses all of them when one level %s', async (_what, update, text) => {
    const scene = await Scene.open()
    const held = { feature: 'group.version', maxVersionLevel: 1 }
    const answer = await scene.ask(UpdateFeatures, { featureUpdates: [held, update] })
    expect(answer.errorCode).toBe(kafkaErrors.INVALID_UPDATE_VERSION)
    expect(answer.errorMessage).toContain(`version ${update.maxVersionLevel} for feature ${update.feature}.`)
    expect(answer.errorMessage).toContain(text)
  })

  it.each([0, 1, 2])('takes what holds already, with rows before version 2 (version %i)', async version => {
    const scene = await Scene.open()
    const type = version === 0 ? { allowDowngrade: true } : { upgradeType: UPGRADE }
    const featureUpdates = features.map(({ name, level }) => ({
      feature: name,
      maxVersionLevel: level,
      ...type,
    }))
    const answer = await scene.ask(UpdateFeatures, { featureUpdates }, { version })
    expect(answer).toMatchObject({ errorCode: 0, errorMessage: null })
    expect(answer.results ?? []).toHaveLength(version < 2 ? features.length : 0)
  })

  it('has the levels that ApiVersions shows', async () => {
    const scene = await Scene.open()
    const client = { clientSoftwareName: 'a', clientSoftwareVersion: '1' }
    const shown = await scene.ask(ApiVersions, client)
    const featureUpdates = shown.finalizedFeatures.map(({ name, maxVersionLevel }) => ({
      feature: name,
      maxVersionLevel,
    }))
    expect(featureUpdates.length).toBeGreaterThan(0)
    expect(await scene.ask(UpdateFeatures, { featureUpdates })).toMatchObject({ errorCode: 0 })
  })
})
