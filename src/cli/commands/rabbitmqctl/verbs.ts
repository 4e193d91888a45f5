// The verbs of rabbitmqctl that are here, with its words and its order of arguments.

import { readFile, writeFile } from 'node:fs/promises'
import { CommandError } from '../../exit.ts'
import { type Json, type JsonObject, type ManagementClient, segment } from './client.ts'
import { listVerbs } from './lists.ts'
import { userLimitVerbs } from './user-limits.ts'
import { done, type Given, type Result, type Verb } from './verb.ts'

export const verbs: Readonly<Record<string, Verb>> = {
  ping: verb('', [0, 0], async ({ client }) => {
    await client.get('/whoami')
    return done('Ping succeeded')
  }),
  status: verb('', [0, 0], status),
  add_user: verb('NAME [PASSWORD]', [1, 2], async given => {
    const [name] = word(given, 0)
    await checkNew(given.client, name)
    await given.client.put(`/users/${segment(name)}`, { password: await passwordOf(given), tags: [] })
    return done(`Adding user "${name}" ...`)
  }),
  delete_user: verb('NAME', [1, 1], async given => {
    const [name] = word(given, 0)
    await given.client.delete(`/users/${segment(name)}`)
    return done(`Deleting user "${name}" ...`)
  }),
  change_password: verb('NAME [PASSWORD]', [1, 2], async given => {
    const [name] = word(given, 0)
    const { tags = [] } = await userOf(given.client, name)
    await given.client.put(`/users/${segment(name)}`, { password: await passwordOf(given), tags })
    return done(`Changing password for user "${name}" ...`)
  }),
  set_user_tags: verb('NAME [TAG...]', [1, Number.POSITIVE_INFINITY], setUserTags),
  authenticate_user: verb('NAME [PASSWORD]', [1, 2], async given => {
    const [name] = word(given, 0)
    await given.client.as(name, await passwordOf(given)).get('/whoami')
    return done(`Authenticating user "${name}" ...\nSuccess`)
  }),
  add_vhost: verb('NAME', [1, 1], async given => {
    const [name] = word(given, 0)
    const { description, tags, defaultQueueType } = given.options
    await given.client.put(`/vhosts/${segment(name)}`, {
      ...(description !== undefined && { description }),
      ...(tags !== undefined && { tags }),
      ...(defaultQueueType !== undefined && { default_queue_type: defaultQueueType }),
    })
    return done(`Adding vhost "${name}" ...`)
  }),
  delete_vhost: verb('NAME', [1, 1], async given => {
    const [name] = word(given, 0)
    await given.client.delete(`/vhosts/${segment(name)}`)
    return done(`Deleting vhost "${name}" ...`)
  }),
  set_permissions: verb('USER CONFIGURE WRITE READ', [4, 4], async ({ client, words, vhost }) => {
    const [user = '', configure = '', write = '', read = ''] = words
    await client.put(`/permissions/${segment(vhost)}/${segment(user)}`, { configure, write, read })
    return done(`Setting permissions for user "${user}" in vhost "${vhost}" ...`)
  }),
  clear_permissions: verb('USER', [1, 1], async given => {
    const [user] = word(given, 0)
    await given.client.delete(`/permissions/${segment(given.vhost)}/${segment(user)}`)
    return done(`Clearing permissions for user "${user}" in vhost "${given.vhost}" ...`)
  }),
  list_user_permissions: verb('USER', [1, 1], async given => {
    const [user] = word(given, 0)
    const columns = ['vhost', 'configure', 'write', 'read'].map(name => ({ name, field: name }))
    const rows = await given.client.list(`/users/${segment(user)}/permissions`)
    return { at: 'rows', said: `Listing permissions for user "${user}" ...`, columns, rows }
  }),
  set_policy: verb('NAME PATTERN DEFINITION', [3, 3], given => setPolicy(given, 'policies')),
  set_operator_policy: verb('NAME PATTERN DEFINITION', [3, 3], given =>
    setPolicy(given, 'operator-policies'),
  ),
  clear_policy: verb('NAME', [1, 1], given => clearPolicy(given, 'policies')),
  clear_operator_policy: verb('NAME', [1, 1], given => clearPolicy(given, 'operator-policies')),
  delete_queue: verb('NAME', [1, 1], async given => {
    const [name] = word(given, 0)
    await given.client.delete(`/queues/${segment(given.vhost)}/${segment(name)}`)
    return done(`Deleting queue '${name}' on vhost '${given.vhost}' ...`)
  }),
  purge_queue: verb('NAME', [1, 1], async given => {
    const [name] = word(given, 0)
    await given.client.delete(`/queues/${segment(given.vhost)}/${segment(name)}/contents`)
    return done(`Purging queue '${name}' in vhost '${given.vhost}' ...`)
  }),
  close_connection: verb('NAME REASON', [2, 2], async given => {
    const [[name], [reason]] = [word(given, 0), word(given, 1)]
    await given.client.delete(`/connections/${segment(name)}`, { 'x-reason': reason })
    return done(`Closing connection ${name}, reason: ${reason} ...`)
  }),
  export_definitions: verb('FILE', [1, 1], exportDefinitions),
  import_definitions: verb('[FILE]', [0, 1], importDefinitions),
  set_vm_memory_high_watermark: verb('FRACTION', [1, 1], setWatermark),
  ...userLimitVerbs,
  ...listVerbs,
}

function verb(usage: string, words: Verb['words'], run: Verb['run']): Verb {
  return { usage, words, run }
}

/** A word that must say something. Errors: CommandError (usage). */
function word({ words }: Given, at: number): [string] {
  const found = words[at] ?? ''
  if (found === '') throw new CommandError('usage', 'a name is empty')
  return [found]
}

/** The second word, or the first line of standard input. Errors: CommandError (usage) for an empty one. */
async function passwordOf({ words, input }: Given): Promise<string> {
  const password = words[1] ?? (await input()).split(/\r?\n/, 1)[0] ?? ''
  if (password === '') throw new CommandError('usage', 'the password is empty')
  return password
}

async function userOf(client: ManagementClient, name: string): Promise<JsonObject> {
  return (await client.get(`/users/${segment(name)}`)) as JsonObject
}

/** PUT would replace a user that is there. Errors: CommandError. */
async function checkNew(client: ManagementClient, name: string): Promise<void> {
  const known = await client.list('/users')
  if (known.some(user => user.name === name))
    throw new CommandError(
      'notFound',
      `user "${name}" exists already`,
      'posthorn rabbitmqctl change_password',
    )
}

async function setUserTags(given: Given): Promise<Result> {
  const [name] = word(given, 0)
  const tags = given.words.slice(1)
  await given.client.put(`/users/${segment(name)}/tags`, { tags })
  return done(`Setting tags for user "${name}" to [${tags.join(', ')}] ...`)
}

async function setPolicy({ client, words, vhost, options }: Given, kind: string): Promise<Result> {
  const [name = '', pattern = '', text = ''] = words
  await client.put(`/${kind}/${segment(vhost)}/${segment(name)}`, {
    pattern,
    definition: definitionOf(text),
    priority: options.priority,
    'apply-to': options.applyTo,
  })
  return done(
    `Setting policy "${name}" for pattern "${pattern}" to "${text}" with priority "${options.priority}" for vhost "${vhost}" ...`,
  )
}

function definitionOf(text: string): Json {
  try {
    return JSON.parse(text) as Json
  } catch (error) {
    throw new CommandError('usage', `the definition is not JSON: ${text.slice(0, 100)}`, undefined, error)
  }
}

async function clearPolicy(given: Given, kind: string): Promise<Result> {
  const [name] = word(given, 0)
  await given.client.delete(`/${kind}/${segment(given.vhost)}/${segment(name)}`)
  return done(`Clearing policy "${name}" on vhost "${given.vhost}" ...`)
}

async function exportDefinitions(given: Given): Promise<Result> {
  const [file] = word(given, 0)
  const text = `${JSON.stringify(await given.client.get('/definitions'), null, 2)}\n`
  if (file === '-') return { at: 'text', text }
  await writeFile(file, text, { mode: 0o600 }) // hashes of passwords are in it
  return done(`Exporting definitions in JSON to a file at "${file}" ...`)
}

async function importDefinitions({ client, words, input }: Given): Promise<Result> {
  const [file = '-'] = words
  const text = file === '-' ? await input() : await readFile(file, 'utf8')
  await client.post('/definitions', text)
  return done(
    `Importing definitions in JSON from ${file === '-' ? 'standard input' : `a file at "${file}"`} ...`,
  )
}

async function setWatermark({ client, words }: Given): Promise<Result> {
  const [text = ''] = words
  const fraction = Number(text)
  if (text.trim() === '' || !(fraction >= 0 && fraction <= 1))
    throw new CommandError('usage', `'${text}' is no part of the memory: write a number from 0 to 1`)
  const { node } = (await client.get('/overview')) as JsonObject
  await client.put(`/nodes/${segment(String(node))}/memory-high-watermark`, { value: fraction })
  return done(`Setting memory threshold on ${node} to ${fraction} ...`)
}

async function status({ client }: Given): Promise<Result> {
  const overview = (await client.get('/overview')) as JsonObject
  const [node = {}] = await client.list('/nodes')
  const totals = overview.object_totals as JsonObject
  const listeners = overview.listeners as readonly JsonObject[]
  const alarms = [
    ...(node.mem_alarm === true ? ['memory'] : []),
    ...(node.disk_free_alarm === true ? ['disk'] : []),
  ]
  const lines = [
    `Status of node ${overview.node} ...`,
    `Product: ${overview.product_name} ${overview.product_version}`,
    `RabbitMQ API version: ${overview.rabbitmq_version}`,
    `OS PID: ${node.os_pid}`,
    `Uptime (seconds): ${Math.floor(Number(node.uptime) / 1000)}`,
    `Memory used (bytes): ${node.mem_used}`,
    `Data directory: ${node.db_dir}`,
    `Alarms: ${alarms.length === 0 ? '(none)' : alarms.join(', ')}`,
    `Connection count: ${totals.connections}`,
    `Queue count: ${totals.queues}`,
    'Listeners:',
    ...listeners.map(({ ip_address, port, protocol }) => `  ${protocol} ${ip_address}:${port}`),
  ]
  return { at: 'object', object: { ...node, ...overview }, text: lines.join('\n') }
}
