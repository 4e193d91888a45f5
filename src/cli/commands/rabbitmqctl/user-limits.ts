// The verbs for what a user may have open at a time: connections and channels.

import { CommandError } from '../../exit.ts'
import { segment } from './client.ts'
import { done, type Given, type Result, type Verb } from './verb.ts'

const limits = ['max-connections', 'max-channels'] as const

export const userLimitVerbs: Readonly<Record<string, Verb>> = {
  set_user_limits: { usage: 'USER DEFINITION', words: [2, 2], run: set },
  clear_user_limits: { usage: 'USER LIMIT|all', words: [2, 2], run: clear },
  list_user_limits: { usage: '', words: [0, 0], run: list },
}

async function set({ client, words }: Given): Promise<Result> {
  const [user = '', text = ''] = words
  for (const [name, value] of Object.entries(definitionOf(text)))
    await client.put(`/user-limits/${segment(user)}/${segment(name)}`, { value })
  return done(`Setting user limits to "${text}" for user "${user}" ...`)
}

async function clear({ client, words }: Given): Promise<Result> {
  const [user = '', limit = ''] = words
  const known = await client.list(`/user-limits/${segment(user)}`)
  const set = Object.keys(known[0]?.value ?? {})
  const cleared = limit === 'all' ? limits.filter(name => set.includes(name)) : [limit]
  for (const name of cleared) await client.delete(`/user-limits/${segment(user)}/${segment(name)}`)
  return done(`Clearing user limits for user "${user}" ...`)
}

async function list({ client }: Given): Promise<Result> {
  const columns = [
    { name: 'user', field: 'user' },
    { name: 'limits', field: 'value' },
  ]
  return { at: 'rows', said: 'Listing all user limits ...', columns, rows: await client.list('/user-limits') }
}

/** `{"max-connections": 10}`. Errors: CommandError (usage). */
function definitionOf(text: string): Readonly<Record<string, number>> {
  const said = `'${text.slice(0, 100)}' is no definition of limits: write {"max-connections": 10, "max-channels": 50}`
  let definition: unknown
  try {
    definition = JSON.parse(text)
  } catch (error) {
    throw new CommandError('usage', said, undefined, error)
  }
  const isDefinition =
    typeof definition === 'object' &&
    definition !== null &&
    Object.values(definition).every(value => Number.isInteger(value))
  if (!isDefinition) throw new CommandError('usage', said)
  return definition as Readonly<Record<string, number>>
}
