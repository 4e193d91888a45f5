// What the Kafka head serves, and what it does not.

import { gaps } from '../../src/heads/kafka/gaps.ts'
import { apis } from '../../src/heads/kafka/wire/index.ts'
import { table } from './table.ts'

export function apiTable(): string {
  return table(
    ['key', 'name', 'versions', 'flexible since'],
    apis.map(({ key, name, versions: { min, max }, flexibleSince }) => [
      String(key),
      name,
      min === max ? String(min) : `${min}-${max}`,
      Number.isFinite(flexibleSince) ? String(flexibleSince) : 'never',
    ]),
  )
}

export function gapTable(): string {
  return table(
    ['not here', 'what happens instead'],
    gaps.map(({ what, instead }) => [what, instead]),
  )
}
