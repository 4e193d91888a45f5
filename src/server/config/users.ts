// Users out of the file and of POSTHORN_USERS, which wins by name. Never from the command line, which everybody sees.

import type { ConfiguredUser } from '../users.ts'
import { checked, type Environment } from './file.ts'
import type { Json } from './jsonc.ts'
import { invalid } from './listener.ts'

/** A user as the schema has it. */
export interface FileUser {
  readonly name: string
  readonly tags?: readonly string[]
  readonly password?: string
  readonly scram?: Extract<ConfiguredUser, { readonly scram: object }>['scram']
}

/** The environment variable with users: a JSON array like the file's. */
const VARIABLE = 'POSTHORN_USERS'

/** Errors: SERVER_CONFIG_INVALID; no error shows a secret. */
export function usersOf(
  inFile: readonly FileUser[],
  file: string | undefined,
  env: Environment,
): ConfiguredUser[] {
  const text = env[VARIABLE]
  const fromEnv = text === undefined || text === '' ? [] : parsed(text)
  const names = new Set(fromEnv.map(({ name }) => name))
  return [
    ...inFile.filter(({ name }) => !names.has(name)).map(user => oneSecret(user, `${file}: users`)),
    ...fromEnv.map(user => oneSecret(user, VARIABLE)),
  ]
}

function parsed(text: string): readonly FileUser[] {
  let value: Json
  try {
    value = JSON.parse(text) as Json
  } catch {
    throw invalid(VARIABLE, 'it must be a JSON array: [{"name": "ann", "password": "..."}]')
  }
  return checked(value, { source: VARIABLE, part: 'users' }) as unknown as readonly FileUser[]
}

function oneSecret({ name, tags, password, scram }: FileUser, source: string): ConfiguredUser {
  const base = { name, ...(tags && { tags }) }
  if (password !== undefined && scram === undefined) return { ...base, password }
  if (scram !== undefined && password === undefined) return { ...base, scram }
  throw invalid(source, `user '${name}' must have either a password or scram credentials`)
}
