// `posthorn rabbitmqctl`: RabbitMQ's command for administrators, as far as scripts use it, over the management API.

import { readFileSync } from 'node:fs'
import { text as textOf } from 'node:stream/consumers'
import { type Context, defineCommand } from '../command.ts'
import { CommandError } from '../exit.ts'
import { ManagementClient } from './rabbitmqctl/client.ts'
import { rabbitmqctlOptions } from './rabbitmqctl/options.ts'
import { print } from './rabbitmqctl/print.ts'
import { verbs } from './rabbitmqctl/verbs.ts'

const names = Object.keys(verbs)

export const rabbitmqctl = defineCommand({
  path: ['rabbitmqctl'],
  summary: "Administer as with RabbitMQ's rabbitmqctl, over the management API",
  description: `Verbs: ${names.map(name => [name, verbs[name]?.usage].filter(Boolean).join(' ')).join('; ')}.\n\nLists are columns with tabs between them. Sentences go to standard error; --quiet leaves them out, --silent the line of column names too. A password that is not given as a word is the first line of standard input.`,
  examples: [
    {
      text: 'Queues with their messages',
      command: 'posthorn rabbitmqctl list_queues name messages consumers',
    },
    { text: 'A user who may do everything in a virtual host', command: 'posthorn rabbitmqctl add_user ann' },
    {
      text: 'and its permissions',
      command: "posthorn rabbitmqctl set_permissions -p shop ann '.*' '.*' '.*'",
    },
    {
      text: 'Keep queues short',
      command: `posthorn rabbitmqctl set_policy --apply-to queues short '^' '{"max-length": 1000}'`,
    },
    {
      text: 'For a script',
      command: 'posthorn rabbitmqctl --silent --formatter json list_connections name user',
    },
  ],
  arguments: [
    { name: 'verb', required: true, choices: names, summary: 'What to do' },
    { name: 'words', repeated: true, summary: 'Its arguments' },
  ],
  options: rabbitmqctlOptions,
  writes: true,
  async run(context) {
    const { arguments: given, options, output, stdin } = context
    const name = String(given.verb)
    const words = given.words ?? []
    const verb = verbs[name]
    if (verb === undefined) throw new CommandError('usage', `there is no verb ${name}`)
    const [least, most] = verb.words
    if (words.length < least || words.length > most)
      throw new CommandError('usage', `write: posthorn rabbitmqctl ${name} ${verb.usage}`.trim())
    const isJson = output.format === 'json' || output.format === 'jsonl'
    if (!isJson && output.format !== 'table' && output.format !== 'wide' && output.format !== 'off')
      throw new CommandError(
        'usage',
        `-o ${output.format} is not for rabbitmqctl: give --formatter table, json or csv`,
      )
    const client = new ManagementClient({
      url: urlOf(options.url),
      user: options.user,
      password: passwordOf(context),
      timeoutMs: options.timeout,
      signal: context.signal,
    })
    const result = await verb.run({
      client,
      words,
      vhost: options.vhost,
      options,
      input: () => textOf(stdin),
    })
    await print(result, output, {
      formatter: isJson ? 'json' : options.formatter,
      headers: !options.silent && !options.noTableHeaders,
      talks: !options.silent,
    })
  },
})

/** Errors: CommandError (usage). */
function urlOf(text: string): string {
  if (URL.canParse(text) && /^https?:\/\//.test(text)) return text
  throw new CommandError('usage', `'${text}' is no URL: write http://host:port`)
}

/** Errors: CommandError (config). */
function passwordOf({ options, env }: Pick<Context<typeof rabbitmqctlOptions>, 'options' | 'env'>): string {
  const { passwordFile } = options
  if (passwordFile === undefined) return env.POSTHORN_MANAGEMENT_PASSWORD ?? 'guest'
  try {
    return readFileSync(passwordFile, 'utf8').replace(/\r?\n$/, '')
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new CommandError('config', `--password-file cannot be read: ${reason}`, undefined, error)
  }
}
