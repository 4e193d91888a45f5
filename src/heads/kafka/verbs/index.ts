// Every verb, in the order of the keys. An API whose table stands in wire/index.ts and that has no verb here does not
// start: what is advertised is served.

import type { Verb } from '../verb.ts'
import type { Api } from '../wire/api.ts'
import { produce } from './00-produce.ts'
import { fetch } from './01-fetch.ts'
import { listOffsets } from './02-list-offsets.ts'
import { metadata } from './03-metadata.ts'
import { findCoordinator } from './10-find-coordinator.ts'
import { saslHandshake } from './17-sasl-handshake.ts'
import { apiVersions } from './18-api-versions.ts'
import { saslAuthenticate } from './36-sasl-authenticate.ts'

export const verbs: readonly Verb[] = [
  produce,
  fetch,
  listOffsets,
  metadata,
  findCoordinator,
  saslHandshake,
  apiVersions,
  saslAuthenticate,
]

const byKey = new Map(verbs.map(one => [one.api.key, one]))

/** The verb of an API. Every API has one: a test holds this table against the table of messages. */
export function verbOf(api: Api): Verb {
  const found = byKey.get(api.key)
  if (found === undefined) throw new TypeError(`${api.name} has a table and no verb`)
  return found
}
