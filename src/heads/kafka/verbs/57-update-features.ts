// UpdateFeatures (KIP-584, KIP-778): every feature has one level, so an update is checked in the order in which Kafka checks
// it, and what passes is what holds already. The first that does not pass fails the request.

import { KafkaRefusal, kafkaErrors } from '../errors.ts'
import { features } from '../features.ts'
import { demandOfCluster, succeeded } from '../outcome.ts'
import { verb } from '../verb.ts'
import type { RequestOf } from '../wire/api.ts'
import { UpdateFeatures } from '../wire/index.ts'

type Update = RequestOf<typeof UpdateFeatures>['featureUpdates'][number]

/** FeatureUpdate.UpgradeType. */
const upgradeTypes = { upgrade: 1, safeDowngrade: 2, unsafeDowngrade: 3 } as const
const knownTypes: readonly number[] = Object.values(upgradeTypes)

export const updateFeatures = verb(UpdateFeatures, {
  handle({ featureUpdates }, call) {
    demandOfCluster(call, 'alter')
    for (const update of featureUpdates) {
      const reason = refusalOf(update)
      if (reason !== undefined) throw invalid(update, reason)
    }
    const results = featureUpdates.map(({ feature }) => ({
      feature,
      errorCode: kafkaErrors.NONE,
      errorMessage: 'NONE',
    }))
    return { ...succeeded, results }
  },
  refuse: (_request, errorCode, errorMessage) => ({ errorCode, errorMessage, results: [] }),
})

/** Why this update cannot be; undefined when it asks for what is. */
function refusalOf(update: Update): string | undefined {
  const level = update.maxVersionLevel
  // Version 0 said the type with a flag.
  const type = update.allowDowngrade ? upgradeTypes.safeDowngrade : update.upgradeType
  if (!knownTypes.includes(type)) return 'The controller does not support the given upgrade type.'
  if (level < 0) return 'A feature version cannot be less than 0.'
  const known = features.find(({ name }) => name === update.feature)
  if (known === undefined)
    return level === 0
      ? `Feature ${update.feature} not found.`
      : 'The controller does not support this feature.'
  return known.level === level ? undefined : `The controller only supports versions ${known.level}`
}

function invalid({ feature, maxVersionLevel }: Update, reason: string): KafkaRefusal {
  return new KafkaRefusal(
    'INVALID_UPDATE_VERSION',
    `The update failed for all features since the following feature had an error: Invalid update version ${maxVersionLevel} for feature ${feature}. ${reason}`,
  )
}
