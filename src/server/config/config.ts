// One configuration out of flags and environment, a file, and defaults, in this order of strength. Listeners and
// settings are merged by name, everything else is taken whole from the strongest that has it.

import { dirname, resolve } from 'node:path'
import { planOf, type StartOptions } from '../plan.ts'
import type { ReportFormat, ReportLevel } from '../report.ts'
import { type SettingValue, sortSettings } from '../settings.ts'
import type { FlushMode, Storage } from '../storage.ts'
import { type Environment, readConfigFile } from './file.ts'
import { invalid } from './listener.ts'
import { type FileListeners, listenersOf } from './listeners.ts'
import { type FileOauth, oauthOf } from './oauth.ts'
import { type FileUser, usersOf } from './users.ts'

/** What the command line and POSTHORN_* variables say; undefined where they say nothing. */
export interface Given {
  readonly config?: string | undefined
  readonly data?: string | undefined
  readonly memory?: boolean | undefined
  /** Each `name=address`. */
  readonly listen?: readonly string[] | undefined
  readonly brokers?: number | undefined
  readonly flush?: FlushMode | undefined
  /** Each `name=value`. */
  readonly set?: readonly string[] | undefined
  readonly allowAnonymous?: boolean | undefined
  /** `host[:port]`, or `listener=host[:port]`. */
  readonly advertise?: string | undefined
  readonly logFormat?: ReportFormat | undefined
  readonly logLevel?: ReportLevel | undefined
}

export interface ServerConfig {
  readonly start: StartOptions
  readonly log: { readonly format?: ReportFormat; readonly level: ReportLevel }
}

/** The file as the schema has it. */
interface FileConfig {
  readonly data?: string
  readonly memory?: boolean
  readonly flush?: FlushMode
  readonly brokers?: number
  readonly listeners?: FileListeners
  readonly allowAnonymous?: boolean
  readonly users?: readonly FileUser[]
  readonly auth?: { readonly oauth?: FileOauth }
  readonly superUsers?: readonly string[]
  readonly acl?: { readonly default?: 'allow' | 'deny' }
  readonly settings?: Readonly<Record<string, SettingValue>>
  readonly log?: { readonly format?: ReportFormat; readonly level?: ReportLevel }
}

const DATA = './posthorn-data'

/** Errors: SERVER_CONFIG_INVALID and what planOf throws, each naming where the wrong thing stands. */
export async function loadConfig(given: Given, env: Environment): Promise<ServerConfig> {
  const file = given.config
  const contents = file === undefined ? {} : ((await readConfigFile(file, env)) as FileConfig)
  const start: StartOptions = {
    storage: storageOf(given, contents, file),
    brokers: given.brokers ?? contents.brokers ?? 1,
    users: usersOf(contents.users ?? [], file, env),
    ...(contents.auth?.oauth && { oauth: await oauthOf(contents.auth.oauth, file ?? '') }),
    superUsers: contents.superUsers ?? [],
    acl: contents.acl?.default ?? 'allow',
    allowAnonymous: given.allowAnonymous ?? contents.allowAnonymous ?? false,
    settings: settingsOf(given, contents, file),
    ...(await listenersOf({
      file,
      inFile: contents.listeners ?? {},
      flags: given.listen ?? [],
      advertise: given.advertise,
    })),
  }
  planOf(start)
  const format = given.logFormat ?? contents.log?.format
  return { start, log: { level: given.logLevel ?? contents.log?.level ?? 'info', ...(format && { format }) } }
}

function storageOf(given: Given, contents: FileConfig, file: string | undefined): Storage {
  if (given.memory === true && given.data !== undefined)
    throw invalid('--memory and --data', 'data is kept in memory or in a folder: give one of them')
  if (contents.memory === true && contents.data !== undefined)
    throw invalid(`${file}: memory and data`, 'data is kept in memory or in a folder: give one of them')
  const flush = given.flush ?? contents.flush ?? 'always'
  if (given.data !== undefined) return { directory: given.data, flush }
  if (given.memory ?? contents.memory === true) return 'memory'
  const inFile = contents.data !== undefined && file !== undefined
  return { directory: inFile ? resolve(dirname(file), contents.data) : DATA, flush }
}

function settingsOf({ set = [] }: Given, { settings = {} }: FileConfig, file: string | undefined) {
  const flags = flagSettings(set)
  sortSettings(settings, `${file}: settings`)
  sortSettings(flags, '--set')
  return { ...settings, ...flags }
}

function flagSettings(texts: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    texts.map(text => {
      const at = text.indexOf('=')
      if (at < 1) throw invalid(`--set ${text}`, 'write name=value, such as num.partitions=3')
      return [text.slice(0, at).trim(), text.slice(at + 1).trim()]
    }),
  )
}
