// Changing settings: of a topic, of a group, or of all brokers at once. AlterConfigs hands in all values that the thing is to have
// of its own, IncrementalAlterConfigs (KIP-339) single steps; both end in the same replacement.

import {
  BrokerError,
  checkBrokerSetting,
  checkSettings,
  groupSettingRow,
  listOf,
  plainValue,
  type SettingRow,
  settingRow,
} from '../../broker/index.ts'
import { resourceTypes } from './configs.ts'
import { demand, demandOfCluster, outcomeOf, refused, repeatedIn } from './outcome.ts'
import { checkNode, topicNamed } from './place.ts'
import type { Call } from './verb.ts'

/** A thing whose settings clients may change. */
export interface ConfigTarget {
  /** What it has of its own. */
  readonly own: Readonly<Record<string, string>>
  /** The value that counts, its own or the default. */
  current(name: string): string | undefined
  /** Undefined for a setting that there is not. */
  kindOf(name: string): SettingRow['kind'] | undefined
  /** Errors: CONFIG_INVALID. */
  check(values: Readonly<Record<string, string>>): void
  /** It has exactly these of its own afterwards. Resolves when that is durable. Errors: CONFIG_INVALID. */
  replace(values: Readonly<Record<string, string>>): Promise<void>
}

/** What a request names a thing by. */
interface Named {
  readonly resourceType: number
  readonly resourceName: string
}

/** One step of IncrementalAlterConfigs. */
export interface ConfigStep {
  readonly name: string
  readonly configOperation: number
  readonly value: string | null
}

const operations = { set: 0, delete: 1, append: 2, subtract: 3 } as const

/** A row for each thing that a request changes; one that is named twice is not changed. */
export function changeEach<Resource extends Named>(
  resources: readonly Resource[],
  call: Call,
  change: (resource: Resource) => Promise<void>,
) {
  const repeated = repeatedIn(resources.map(keyOf))
  return Promise.all(
    resources.map(async resource => ({
      resourceType: resource.resourceType,
      resourceName: resource.resourceName,
      ...(repeated.has(keyOf(resource))
        ? refused('INVALID_REQUEST', 'Each resource must appear at most once.')
        : await outcomeOf(call, () => change(resource))),
    })),
  )
}

/** The same row for each thing. */
export function refuseEach(resources: readonly Named[], errorCode: number, errorMessage: string) {
  return resources.map(({ resourceType, resourceName }) => ({
    resourceType,
    resourceName,
    errorCode,
    errorMessage,
  }))
}

/** The thing that a request names. Errors: REQUEST_INVALID, TOPIC_UNKNOWN, the denial of its kind. */
export function configTarget(type: number, name: string, call: Call): ConfigTarget {
  if (type === resourceTypes.topic) return topicTarget(name, call)
  if (type === resourceTypes.broker) return brokerTarget(name, call)
  if (type === resourceTypes.group) return groupTarget(name, call)
  const kind = Object.entries(resourceTypes).find(([, number]) => number === type)?.[0]
  throw invalid(
    kind === undefined ? `Unknown resource type ${type}` : `settings of type ${kind} cannot be changed`,
  )
}

/** The values after these steps. Errors: REQUEST_INVALID, CONFIG_INVALID. */
export function afterSteps(target: ConfigTarget, steps: readonly ConfigStep[]): Record<string, string> {
  checkNames(steps)
  const values = new Map(Object.entries(target.own))
  for (const step of steps) {
    const value = afterStep(target, step)
    if (value === undefined) values.delete(step.name)
    else values.set(step.name, value)
  }
  return Object.fromEntries(values)
}

/** The values as a request lists them. Errors: REQUEST_INVALID. */
export function listedValues(
  target: ConfigTarget,
  configs: readonly { readonly name: string; readonly value: string | null }[],
): Record<string, string> {
  checkNames(configs)
  return Object.fromEntries(configs.map(({ name, value }) => [name, given(target, name, value)]))
}

/** Sets exactly these values, or only checks them. Errors: CONFIG_INVALID. */
export async function replaceConfigs(
  target: ConfigTarget,
  values: Readonly<Record<string, string>>,
  { validateOnly }: { readonly validateOnly: boolean },
): Promise<void> {
  target.check(values)
  if (!validateOnly) await target.replace(values)
}

function keyOf({ resourceType, resourceName }: Named): string {
  return `${resourceType} ${resourceName}`
}

function topicTarget(name: string, call: Call): ConfigTarget {
  if (name === '') throw invalid('Default topic resources are not allowed.')
  demand(call, 'alter_configs', 'topic', name)
  const { topics, settings } = call.kafka.broker
  const own = topicNamed(name, call).definition.configs
  return {
    own,
    current: key =>
      Object.hasOwn(own, key) ? own[key] : (settings.topicDefaults().get(key) ?? settingRow(key)?.default),
    kindOf: key => settingRow(key)?.kind,
    check: checkSettings,
    replace: values => topics.configure(name, values),
  }
}

function groupTarget(groupId: string, call: Call): ConfigTarget {
  if (groupId === '') throw invalid('Default group resources are not allowed.')
  demand(call, 'alter_configs', 'group', groupId)
  const { groupSettings } = call.kafka.broker
  return {
    own: groupSettings.own(groupId),
    current: key => (groupSettingRow(key) === undefined ? undefined : groupSettings.get(groupId, key)),
    kindOf: key => groupSettingRow(key)?.kind,
    check: values => groupSettings.check(values),
    replace: values => groupSettings.replace(groupId, values),
  }
}

function brokerTarget(name: string, call: Call): ConfigTarget {
  demandOfCluster(call, 'alter_configs')
  if (name !== '') checkNode(name, call)
  const { broker, cluster } = call.kafka
  const { settings } = broker
  const level = name === '' ? 'all' : 'one'
  const own = settings.changed(level)
  const mayChange = (key: string): boolean =>
    level === 'all' || cluster.size === 1 || settings.row(key)?.isPerBroker === true
  return {
    own,
    current: key => (settings.row(key) === undefined ? undefined : settings.get(key)),
    kindOf: key => settings.row(key)?.kind,
    check: values => {
      for (const [key, value] of Object.entries(values)) {
        if (!mayChange(key) && own[key] !== value) throw notOfOne(name)
        checkBrokerSetting(key, value)
      }
    },
    replace: values => {
      const gone = Object.keys(own).filter(key => !Object.hasOwn(values, key))
      return settings.change({ ...Object.fromEntries(gone.map(key => [key, null])), ...values }, level)
    },
  }
}

/** Of several virtual brokers. Taking away is not refused: what was set when there was one, and what tools only suspect. */
function notOfOne(broker: string): BrokerError {
  return invalid(
    `settings of broker ${broker} alone cannot be set, for all brokers are one process: name no broker, which sets them for all`,
  )
}

/** The setting's own value after the step; undefined when it has none. */
function afterStep(target: ConfigTarget, { name, configOperation, value }: ConfigStep): string | undefined {
  if (configOperation === operations.delete) return undefined
  if (configOperation === operations.set) return given(target, name, value)
  const appends = configOperation === operations.append
  if (!appends && configOperation !== operations.subtract)
    throw invalid(`Unknown operation ${configOperation} for ${name}`)
  const parts = listOf(given(target, name, value))
  if (target.kindOf(name) !== 'list')
    throw new BrokerError(
      'CONFIG_INVALID',
      `Can't ${appends ? 'APPEND' : 'SUBTRACT'} to key ${name} because its type is not LIST.`,
    )
  const before = listOf(target.current(name) ?? '')
  const after = appends ? new Set([...before, ...parts]) : before.filter(one => !parts.includes(one))
  return [...after].join(',')
}

function checkNames(configs: readonly { readonly name: string }[]): void {
  const names = configs.map(({ name }) => name)
  if (new Set(names).size < names.length) throw invalid('Error due to duplicate config keys')
}

function given(target: ConfigTarget, name: string, value: string | null): string {
  if (value === null) throw invalid(`Null value not supported for : ${name}`)
  return plainValue(target.kindOf(name), value)
}

function invalid(message: string): BrokerError {
  return new BrokerError('REQUEST_INVALID', message)
}
