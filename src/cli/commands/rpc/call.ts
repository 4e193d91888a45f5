// `posthorn rpc call`: one call, from the command line.

import { hasMarks } from '../../../rpc/engine/arguments.ts'
import { start, stubOf } from '../../../rpc/engine/stub.ts'
import { calling } from '../../../rpc/index.ts'
import { defineCommand } from '../../command.ts'
import { CommandError } from '../../exit.ts'
import type { Json } from '../../output/columns.ts'
import { argumentRule, marked, readArguments } from './argument.ts'
import { addressArgument, clientOptions, withServer } from './client.ts'
import { isOfEngine, thrownByMethod } from './failure.ts'
import { jsonOf, lineOf, textOf } from './shown.ts'

export const rpcCall = defineCommand({
  path: ['rpc', 'call'],
  summary: 'Call a method of a server',
  description: `Calls a method of what \`serve\` of posthorn/rpc serves, and prints what it gives: a text as it is, anything else as JSON. A stream is printed item by item as it comes (a line each with -o jsonl). Bytes are printed as {"base64": "..."}, Maps as lists of pairs, what goes by reference as {"reference": "..."}: it is released when the command ends.

${argumentRule}

--inout N marks the Nth argument as one that is restored: what the method did to it is printed, too. With --until the result is not waited for. A call is sent once; --idempotent sends it again when the connection is lost, and --at-most-once does so for a method that the server answers only once.

Exit codes: 1 when the method itself failed, 64 for a wrong command line, 65 when there is no such method or the arguments are not taken, 69 when no server is there, 75 when no answer came in time or the server is busy, 77 when it refuses the caller.`,
  examples: [
    { text: 'Add', command: 'posthorn rpc call tcp://127.0.0.1:4000 add 1 2' },
    {
      text: 'An object from standard input',
      command: 'posthorn rpc call ipc:///tmp/api users.create - < user.json',
    },
    {
      text: 'What the method does to a list',
      command: `posthorn rpc call tcp://127.0.0.1:4000 append milk '["tea"]' --inout 2`,
    },
    {
      text: 'A stream, as one JSON value a line',
      command: 'posthorn rpc call tcp://127.0.0.1:4000 ticks -o jsonl',
    },
  ],
  arguments: [
    addressArgument,
    { name: 'method', summary: 'Its name, with those of the objects on the way: users.get', required: true },
    { name: 'args', summary: 'Its arguments: JSON, or texts', repeated: true },
  ],
  options: {
    ...clientOptions,
    metadata: {
      type: 'string',
      short: 'm',
      repeated: true,
      valueName: 'key=value',
      summary: 'Travels with the call',
    },
    until: {
      type: 'choice',
      choices: ['accepted', 'delivered', 'processed'],
      summary: 'Do not wait for the result, but until the call was sent, has arrived, or has run',
    },
    inout: {
      type: 'integer',
      min: 1,
      repeated: true,
      valueName: 'n',
      summary: 'The nth argument, counted from 1, is restored',
    },
    idempotent: { type: 'boolean', summary: 'It may run several times: send it again until it is answered' },
    atMostOnce: { type: 'boolean', summary: 'Send it again; the server answers what it answered before' },
  },
  columns: {
    value: { type: 'json', summary: 'What the method gave, or an item of the stream', nullable: true },
    restored: {
      type: 'json',
      summary: 'What the arguments of --inout are now, in their order',
      nullable: true,
    },
  },
  writes: true,
  async run(context) {
    const { options, output, signal, stdin } = context
    const { address, method, args: words } = context.arguments
    const { until, idempotent, atMostOnce } = options
    if (idempotent && atMostOnce)
      throw new CommandError(
        'usage',
        '--idempotent and --at-most-once contradict each other: give one of them',
      )
    const plain = await readArguments(words, stdin)
    const args = marked(plain, options.inout)
    if (hasMarks(args) && until !== undefined && until !== 'processed')
      throw new CommandError('usage', `--inout waits for what comes back, and --until ${until} does not`)
    const how = { metadata: metadataOf(options.metadata), until, signal }
    const methods = { [method]: { idempotent, atMostOnce } }
    await withServer(
      context,
      address,
      async server => {
        const of = stubOf(calling(server, how))
        if (of === undefined) throw new TypeError('what connect gives is a stub')
        const value = await start(of, method, args).catch(error => {
          throw isOfEngine(error) || signal.aborted ? error : thrownByMethod(method, error)
        })
        if (until !== undefined) return output.note(`${method} is ${until}`)
        const restored = [...options.inout].sort((a, b) => a - b).map(n => plain[n - 1])
        if (isStream(value)) await printItems(method, value, context)
        else
          await output.record(rowOf(value, restored), { text: [value, ...restored].map(textOf).join('\n') })
      },
      { methods },
    )
  },
})

type Printing = Pick<Parameters<typeof rpcCall.run>[0], 'output' | 'signal'>

async function printItems(
  method: string,
  items: AsyncIterable<unknown>,
  { output, signal }: Printing,
): Promise<void> {
  try {
    if (output.format === 'table' || output.format === 'wide') {
      for await (const item of items) {
        signal.throwIfAborted()
        await output.text(typeof item === 'string' ? textOf(item) : lineOf(item))
      }
    } else await output.rows(rowsOf(items, signal), { live: true })
  } catch (error) {
    throw isOfEngine(error) || signal.aborted ? error : thrownByMethod(method, error)
  }
}

async function* rowsOf(
  items: AsyncIterable<unknown>,
  signal: AbortSignal,
): AsyncGenerator<ReturnType<typeof rowOf>> {
  for await (const item of items) {
    signal.throwIfAborted()
    yield rowOf(item, [])
  }
}

function rowOf(
  value: unknown,
  restored: readonly unknown[],
): { readonly value: Json; readonly restored: Json } {
  return { value: jsonOf(value), restored: restored.length === 0 ? null : restored.map(one => jsonOf(one)) }
}

function isStream(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value
}

function metadataOf(entries: readonly string[]): Readonly<Record<string, string>> | undefined {
  if (entries.length === 0) return undefined
  return Object.fromEntries(
    entries.map(entry => {
      const at = entry.indexOf('=')
      if (at < 1) throw new CommandError('usage', `--metadata wants key=value, not '${entry}'`)
      return [entry.slice(0, at), entry.slice(at + 1)]
    }),
  )
}
