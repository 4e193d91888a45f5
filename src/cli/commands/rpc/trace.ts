// `posthorn rpc trace`: the ten steps of a call, measured on a real one.

import { start, stubOf } from '../../../rpc/engine/stub.ts'
import { calling, connect, health, inout, serve } from '../../../rpc/index.ts'
import { defineCommand } from '../../command.ts'
import { CommandError } from '../../exit.ts'
import { argumentRule, marked, readArguments } from './argument.ts'
import { clientOptions, withServer } from './client.ts'
import { callFailure } from './failure.ts'
import { lineOf } from './shown.ts'
import { tracePage } from './trace/page.ts'
import { Recorder } from './trace/recorder.ts'
import { stepColumns, stepsOf } from './trace/steps.ts'

/** Where the example is served, by the name of the transport. */
const places = {
  tcp: 'tcp://127.0.0.1:*',
  ipc: 'ipc://*',
  ws: 'ws://127.0.0.1:*',
  inproc: 'inproc://posthorn-rpc-trace',
} as const

export const rpcTrace = defineCommand({
  path: ['rpc', 'trace'],
  summary: 'Show the ten steps of a remote procedure call, with times and bytes',
  description: `Alone it makes the call \`newlist = append(data, dbList)\` between a client and a server in this process, over a real connection, and prints each of the ten steps with the moment at which it was done, and the messages field by field. The list is restored: the client's own list has the new entry afterwards. Calls are made before it (--warm), so that the times are those of a program that runs; since both ends share one thread, each waits for the other's turn.

With ADDRESS and METHOD it traces a call of any server of \`serve\`. Steps 3 to 8 happen there and are not seen: step 9 says how long they took together.

Times are in µs: \`µs\` from the call until the step was done, \`took\` since the step before. What operating systems do (3 and 8) cannot be seen from inside a program: their time is in the step after. All fields and bytes: -o json.

${argumentRule}`,
  examples: [
    { text: 'The example', command: 'posthorn rpc trace' },
    { text: 'The same, without an operating system between', command: 'posthorn rpc trace --over inproc' },
    { text: 'A call of your own', command: 'posthorn rpc trace tcp://127.0.0.1:4000 add 1 2' },
  ],
  arguments: [
    { name: 'address', summary: 'Where the server is; default: the example' },
    { name: 'method', summary: 'What to call there' },
    { name: 'args', summary: 'Its arguments: JSON, or texts', repeated: true },
  ],
  options: {
    ...clientOptions,
    inout: {
      type: 'integer',
      min: 1,
      repeated: true,
      valueName: 'n',
      summary: 'The nth argument, counted from 1, is restored',
    },
    over: {
      type: 'choice',
      choices: ['tcp', 'ipc', 'ws', 'inproc'],
      default: 'tcp',
      summary: 'Make the call of the example over this transport',
    },
    warm: {
      type: 'integer',
      min: 0,
      max: 100_000,
      default: 200,
      summary: 'Calls of the example that go before',
    },
  },
  columns: stepColumns,
  async run(context) {
    const { options, output, tty, world, stdin } = context
    const { address, method, args: words } = context.arguments
    if (address !== undefined && method === undefined)
      throw new CommandError('usage', 'say which method of the server to call', 'posthorn rpc list ADDRESS')
    const recorder = new Recorder(world, method ?? 'append')
    let traced: Traced
    if (address === undefined || method === undefined) traced = await example(recorder, options)
    else {
      const args = await readArguments(words, stdin)
      const connected = { onFrame: recorder.client }
      traced = await withServer(
        context,
        address,
        server =>
          call(recorder, server, {
            title: `${method} at ${address}`,
            method,
            args,
            positions: options.inout,
          }),
        connected,
      )
    }
    const rows = stepsOf(recorder, traced)
    if (output.format === 'table')
      await output.text(tracePage(traced.title, rows, recorder, tty.stdout.paint))
    else await output.rows(rows)
    if (traced.failed !== undefined) throw traced.failed
  },
})

interface Traced {
  readonly title: string
  /** The call, and what came of it, as they read in the language. */
  readonly call: string
  readonly returned: string
  readonly failed?: CommandError
}

interface TracedCall {
  readonly title: string
  readonly method: string
  readonly args: readonly unknown[]
  /** Of arguments that are restored, from 1. */
  readonly positions: readonly number[]
}

/** The textbook's example, both halves in this process. */
async function example(
  recorder: Recorder,
  {
    over,
    warm,
    timeout: timeoutMs,
  }: { readonly over: keyof typeof places; readonly warm: number; readonly timeout: number },
): Promise<Traced> {
  const append = (data: string, dbList: string[]): string[] => {
    dbList.push(data)
    return dbList
  }
  // The calls before go by another name, so that the traced message still has the name in it.
  const served = { append, rehearse: append }
  try {
    await using server = await serve(served, places[over], {
      onFrame: recorder.server,
      intercept: [recorder.aroundMethod],
    })
    await using db = await connect<typeof served>(server.address, { onFrame: recorder.client, timeoutMs })
    for (let n = 0; n < warm; n++) await db.rehearse('salt', inout(['tea']))
    const title = `newlist = append(data, dbList), at ${server.address}`
    return await call(recorder, db, { title, method: 'append', args: ['milk', ['tea']], positions: [2] })
  } catch (error) {
    throw callFailure(error)
  }
}

/** Makes the call and has it written down. The greeting of the connection has gone before. */
async function call(
  recorder: Recorder,
  server: object,
  { title, method, args, positions }: TracedCall,
): Promise<Traced> {
  await health(server)
  const of = stubOf(calling(server, {}))
  if (of === undefined) throw new TypeError('what connect gives is a stub')
  const given = marked(args, positions)
  const shown = args.map((arg, n) => (positions.includes(n + 1) ? `inout(${lineOf(arg)})` : lineOf(arg)))
  const wording = `${method}(${shown.join(', ')})`
  recorder.begin()
  const outcome = await start(of, method, given).then(
    value => ({ value }),
    error => ({ error }),
  )
  recorder.end()
  if ('value' in outcome) return { title, call: wording, returned: lineOf(outcome.value) }
  const failed = callFailure(outcome.error)
  const text = failed instanceof Error ? failed.message : String(failed)
  return {
    title,
    call: wording,
    returned: `(it threw) ${text}`,
    failed: failed instanceof CommandError ? failed : new CommandError('failed', `${method} failed: ${text}`),
  }
}
