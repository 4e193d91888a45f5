// Settings by Kafka's names, sorted by who takes them: most belong to the broker, a few bound connections and requests
// and belong to the Kafka head or its listeners.

import { BrokerError, checkBrokerSetting } from '../broker/index.ts'
import type { KafkaLimits } from '../heads/kafka/index.ts'
import { ServerError } from './errors.ts'

export type SettingValue = string | number | boolean

export interface SortedSettings {
  readonly broker: Readonly<Record<string, SettingValue>>
  readonly limits: Partial<KafkaLimits>
  /** connections.max.reauth.ms; 0 when nobody said. */
  readonly reauthMs: number
}

const REAUTH = 'connections.max.reauth.ms'

/** Kafka's names for limits of the head. */
const limitNames: Readonly<Record<string, keyof KafkaLimits>> = {
  'connections.max.idle.ms': 'idleMsMax',
  'socket.request.max.bytes': 'requestBytesMax',
  'max.connections': 'connectionsMax',
  'fetch.max.bytes': 'fetchBytesMax',
}

/** Errors: SERVER_CONFIG_INVALID naming setting and value; `source` says where they stand. */
export function sortSettings(
  settings: Readonly<Record<string, SettingValue>>,
  source = 'settings',
): SortedSettings {
  try {
    return sorted(settings)
  } catch (error) {
    if (!(error instanceof Flaw)) throw error
    throw new ServerError('SERVER_CONFIG_INVALID', `${source}: ${error.message}`, { setting: error.setting })
  }
}

class Flaw extends Error {
  readonly setting: string

  constructor(setting: string, what: string) {
    super(`${setting}: ${what}`)
    this.setting = setting
  }
}

function sorted(settings: Readonly<Record<string, SettingValue>>): SortedSettings {
  const broker: Record<string, SettingValue> = {}
  const limits: { -readonly [K in keyof KafkaLimits]?: number } = {}
  let reauthMs = 0
  for (const [name, value] of Object.entries(settings)) {
    const limit = Object.hasOwn(limitNames, name) ? limitNames[name] : undefined
    if (name === REAUTH) reauthMs = wholeNumber(name, value, 0)
    else if (limit !== undefined) limits[limit] = wholeNumber(name, value, 1)
    else {
      checkForBroker(name, value)
      broker[name] = value
    }
  }
  return { broker, limits, reauthMs }
}

function wholeNumber(name: string, value: SettingValue, min: number): number {
  const number = typeof value === 'boolean' || value === '' ? Number.NaN : Number(value)
  if (Number.isSafeInteger(number) && number >= min) return number
  throw new Flaw(name, `it is '${value}', which is not a whole number from ${min} up`)
}

function checkForBroker(name: string, value: SettingValue): void {
  try {
    checkBrokerSetting(name, String(value))
  } catch (error) {
    if (!(error instanceof BrokerError)) throw error
    throw new Flaw(name, error.message)
  }
}
