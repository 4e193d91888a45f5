// Settings by Kafka's names, sorted by who takes them: most belong to the broker, a few bound connections and requests
// and belong to the Kafka head or its listeners.

import { BrokerError, checkBrokerSetting } from '../broker/index.ts'
import type { AmqpLimits, Product } from '../heads/amqp091/index.ts'
import { type KafkaLimits, limitSettings } from '../heads/kafka/index.ts'
import { ServerError } from './errors.ts'

export type SettingValue = string | number | boolean

export interface SortedSettings {
  readonly broker: Readonly<Record<string, SettingValue>>
  readonly limits: Partial<KafkaLimits>
  readonly amqpLimits: Partial<AmqpLimits>
  /** How the AMQP head names itself, where somebody said. */
  readonly product: Partial<Product>
  /** connections.max.reauth.ms; 0 when nobody said. */
  readonly reauthMs: number
}

const REAUTH = 'connections.max.reauth.ms'

/** Limits of the AMQP head: the smallest value, and RabbitMQ's bound where the protocol has one. */
const amqpLimitNames: Readonly<
  Record<string, { readonly limit: keyof AmqpLimits; readonly min: number; readonly max?: number }>
> = {
  'amqp.channel.max': { limit: 'channelMax', min: 0, max: 65_535 },
  'amqp.frame.max.bytes': { limit: 'frameBytesMax', min: 4096, max: 0x7fff_ffff },
  'amqp.heartbeat.seconds': { limit: 'heartbeatSeconds', min: 0, max: 65_535 },
  'amqp.max.connections': { limit: 'connectionsMax', min: 1 },
  'amqp.message.max.bytes': { limit: 'messageBytesMax', min: 1, max: 536_870_912 },
}

/** Some clients take decisions by these: see docs/amqp.md. */
const productNames: Readonly<Record<string, keyof Product>> = {
  'amqp.server.product': 'product',
  'amqp.server.version': 'version',
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
  const amqpLimits: { -readonly [K in keyof AmqpLimits]?: number } = {}
  const product: { -readonly [K in keyof Product]?: string } = {}
  let reauthMs = 0
  for (const [name, value] of Object.entries(settings)) {
    const limit = Object.hasOwn(limitSettings, name) ? limitSettings[name]?.limit : undefined
    const amqp = Object.hasOwn(amqpLimitNames, name) ? amqpLimitNames[name] : undefined
    const told = Object.hasOwn(productNames, name) ? productNames[name] : undefined
    if (amqp !== undefined) amqpLimits[amqp.limit] = wholeNumber(name, value, amqp.min, amqp.max)
    else if (told !== undefined) product[told] = String(value)
    else if (name === REAUTH) reauthMs = wholeNumber(name, value, 0)
    else if (limit !== undefined) limits[limit] = wholeNumber(name, value, 1)
    else {
      checkForBroker(name, value)
      broker[name] = value
    }
  }
  return { broker, limits, amqpLimits, product, reauthMs }
}

function wholeNumber(name: string, value: SettingValue, min: number, max = Number.MAX_SAFE_INTEGER): number {
  const number = typeof value === 'boolean' || value === '' ? Number.NaN : Number(value)
  if (Number.isSafeInteger(number) && number >= min && number <= max) return number
  const range = max === Number.MAX_SAFE_INTEGER ? `from ${min} up` : `from ${min} to ${max}`
  throw new Flaw(name, `it is '${value}', which is not a whole number ${range}`)
}

function checkForBroker(name: string, value: SettingValue): void {
  try {
    checkBrokerSetting(name, String(value))
  } catch (error) {
    if (!(error instanceof BrokerError)) throw error
    throw new Flaw(name, error.message)
  }
}
