import { PassThrough, Writable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { ManualWorld } from '../world/index.ts'
import { type Command, type CommandEntry, defineCommand, type Registry } from './command.ts'
import { CommandError } from './exit.ts'
import { run } from './run.ts'
import type { Surroundings } from './terminal.ts'

class Screen extends Writable {
  readonly isTTY: boolean
  readonly columns = 80
  text = ''
  failure: Error | undefined

  constructor(isTTY: boolean) {
    super()
    this.isTTY = isTTY
  }

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error) => void): void {
    if (this.failure === undefined) this.text += chunk.toString()
    done(this.failure)
  }
}

interface Stage {
  readonly env?: Record<string, string>
  readonly tty?: boolean
  readonly input?: string
  readonly brokenPipe?: string
}

interface Outcome {
  readonly code: number
  readonly out: string
  readonly err: string
  readonly died: readonly number[]
}

/** Sends signals to the invocation that runs. */
type Interrupt = (name: 'SIGINT' | 'SIGTERM') => void

async function invoke(
  line: string,
  { env = {}, tty = false, input, brokenPipe }: Stage = {},
  extra: (interrupt: Interrupt) => readonly Command[] = () => [],
): Promise<Outcome> {
  const stdout = new Screen(tty)
  const stderr = new Screen(tty)
  if (brokenPipe !== undefined)
    stdout.failure = Object.assign(new Error('write failed'), { code: brokenPipe })
  const stdin = Object.assign(new PassThrough(), { isTTY: tty })
  if (input !== undefined) stdin.end(input)
  let listener: Interrupt | undefined
  const died: number[] = []
  const io: Surroundings = {
    stdin,
    stdout,
    stderr,
    env,
    world: new ManualWorld(),
    onSignal(next) {
      listener = next
      return () => {
        listener = undefined
      }
    },
    die: code => died.push(code),
  }
  const registry = registryOf([...sample, ...extra(name => listener?.(name))])
  const code = await run(line.split(' ').filter(Boolean), io, registry)
  expect(listener, 'the signal listener is removed').toBeUndefined()
  return { code, out: stdout.text, err: stderr.text, died }
}

function registryOf(commands: readonly Command[]): Registry {
  const entries = commands.map(
    (command): CommandEntry => ({
      path: command.path,
      ...(command.aliases === undefined ? {} : { aliases: command.aliases }),
      summary: command.summary,
      load: async () => command,
    }),
  )
  return { nouns: { topic: 'Named logs of messages' }, commands: entries }
}

const topics = [
  { name: 'orders', partitions: 6, bytes: 1_572_864, owner: 'shop' },
  { name: 'mails', partitions: 12, bytes: 0, owner: null },
] as const

const sample: readonly Command[] = [
  defineCommand({
    path: ['topic', 'ls'],
    aliases: ['list'],
    summary: 'List topics',
    examples: [{ text: 'All of them', command: 'posthorn topic ls' }],
    options: { prefix: { type: 'string', summary: 'Only names that begin so', env: 'POSTHORN_PREFIX' } },
    columns: {
      name: { type: 'string', summary: 'Name' },
      partitions: { type: 'integer', summary: 'How many partitions' },
      bytes: { type: 'bytes', summary: 'Stored' },
      owner: { type: 'string', summary: 'Who made it', wide: true, nullable: true },
    },
    async run({ options, output }) {
      const rows = topics.filter(({ name }) => name.startsWith(options.prefix ?? ''))
      output.note('asked the broker')
      await output.rows(rows, { empty: 'There are no topics: posthorn topic create <name>' })
    },
  }),
  defineCommand({
    path: ['topic', 'create'],
    summary: 'Create a topic',
    examples: [{ text: 'With six partitions', command: 'posthorn topic create orders -p 6' }],
    arguments: [{ name: 'name', summary: 'Name of the topic', required: true }],
    options: {
      partitions: { type: 'integer', short: 'p', default: 1, min: 1, summary: 'Partitions' },
      ifMissing: { type: 'boolean', summary: 'No error when it exists' },
    },
    writes: true,
    async run({ arguments: { name }, options, output, origins }) {
      await output.text(JSON.stringify({ name, ...options, origins }))
    },
  }),
  defineCommand({
    path: ['topic', 'rm'],
    aliases: ['delete'],
    summary: 'Delete a topic',
    examples: [{ text: 'Without a question', command: 'posthorn topic rm orders --yes' }],
    arguments: [{ name: 'name', summary: 'Name of the topic', required: true }],
    destructive: true,
    async run({ arguments: { name }, confirm, output }) {
      await confirm(`Delete topic ${name}?`)
      await output.text(`deleted ${name}`)
    },
  }),
]

/** A command `go` that only does this. */
function go(act: Command['run']): Command {
  return defineCommand({
    path: ['go'],
    summary: 'Go',
    examples: [{ text: 'Go', command: 'posthorn go' }],
    run: act as () => unknown,
  })
}

describe('an invocation', () => {
  it('prints the result on stdout and notes on stderr', async () => {
    const { code, out, err } = await invoke('topic ls')
    expect(code).toBe(0)
    expect(out).toBe(
      'NAME    PARTITIONS    BYTES\norders           6  1.5 MiB\nmails           12      0 B\n',
    )
    expect(err).toBe('asked the broker\n')
  })

  it.each([
    ['topic list', 'an alias'],
    ['--quiet topic ls', 'an option before the words'],
    ['topic -q ls', 'an option between the words'],
    ['-o table topic ls', 'an option with a value before the words'],
  ])('finds the command in `%s`: %s', async line => {
    expect((await invoke(line)).out).toContain('orders')
  })

  it.each([
    [
      '-o wide',
      'NAME    PARTITIONS    BYTES  OWNER\norders           6  1.5 MiB  shop\nmails           12      0 B  -\n',
    ],
    ['-o csv', 'name,partitions,bytes,owner\norders,6,1572864,shop\nmails,12,0,\n'],
    [
      '-o jsonl',
      '{"name":"orders","partitions":6,"bytes":1572864,"owner":"shop"}\n{"name":"mails","partitions":12,"bytes":0,"owner":null}\n',
    ],
    [
      '-o yaml',
      '- name: orders\n  partitions: 6\n  bytes: 1572864\n  owner: shop\n- name: mails\n  partitions: 12\n  bytes: 0\n  owner: null\n',
    ],
    ['-o off', ''],
  ])('prints %s', async (flag, expected) => {
    expect((await invoke(`topic ls -q ${flag}`)).out).toBe(expected)
  })

  it.each(['--json', '-o json', '--output=json', '-ojson'])('prints JSON that parses with %s', async flag => {
    expect(JSON.parse((await invoke(`topic ls ${flag}`)).out)).toEqual(topics)
    expect(JSON.parse((await invoke(`topic ls --prefix none ${flag}`)).out)).toEqual([])
  })

  it('prints the schema without running the command', async () => {
    const { out, err } = await invoke('topic ls -o schema')
    expect(err).toBe('')
    expect(JSON.parse(out)).toMatchObject({
      type: 'array',
      items: {
        properties: { bytes: { type: 'integer' }, owner: { type: ['string', 'null'] } },
        required: ['name', 'partitions', 'bytes', 'owner'],
      },
    })
  })

  it('says what to do next in place of an empty table', async () => {
    const { out, err } = await invoke('topic ls --prefix none')
    expect(out).toBe('')
    expect(err).toContain('posthorn topic create <name>')
  })

  it('takes flag, then environment, then default, and tells which', async () => {
    const env = { POSTHORN_PREFIX: 'mail', POSTHORN_OUTPUT: 'csv' }
    expect((await invoke('topic ls', { env })).out).toContain('mails,12')
    expect((await invoke('topic ls', { env })).out).not.toContain('orders')
    expect((await invoke('topic ls --prefix ord -o jsonl', { env })).out).toContain('"orders"')
    expect(JSON.parse((await invoke('topic create a -p 3')).out)).toEqual({
      name: 'a',
      partitions: 3,
      ifMissing: false,
      origins: { partitions: 'flag', ifMissing: 'default' },
    })
  })

  it.each([
    ['topic create', '<name> is missing', 'posthorn topic create orders -p 6'],
    ['topic create a b', "'b' is too many", 'posthorn topic create --help'],
    ['topic create a -p 0', '-p cannot be 0: the least is 1', ''],
    ['topic create a --partitions=two', "--partitions cannot be 'two': write a whole number", ''],
    ['topic create a --partitons 2', "did you mean '--partitions'", ''],
    ['topic create a --if-mising', "did you mean '--if-missing'", ''],
    ['topic create a -p', '-p needs a value', ''],
    ['topic create a -p --json', "'--json' is an option", ''],
    ['topic ls -o jsn', "did you mean 'json'", ''],
    ['topic ls --json -o csv', 'contradict', ''],
    ['topic ls --no-json=1', 'takes no value', ''],
    ['topic create -o schema a', 'has no schema', ''],
    ['topic lst', "did you mean 'topic ls'", 'posthorn help topic'],
    ['topics ls', "did you mean 'topic ls'", ''],
    ['topic remove x', "there is no command 'topic remove'", ''],
    ['ls topic', "did you mean 'topic ls'", ''],
    ['frobnicate', "there is no command 'frobnicate'", 'posthorn help'],
    ['--verison', "did you mean '--version'", ''],
    ['topic', 'posthorn topic: Named logs of messages', ''],
  ])('refuses `%s` with exit 64 and says why', async (line, reason, next) => {
    const { code, out, err } = await invoke(line)
    expect(code).toBe(64)
    expect(out).toBe('')
    expect(err).toContain(reason)
    expect(err).toContain(next)
  })

  it.each([
    ['', 'a durable message broker'],
    ['--help', 'a durable message broker'],
    ['topic --help', 'topic ls, list'],
    ['topic create --help', '-p, --partitions <integer>'],
    ['topic create -h', '(least 1, default 1)'],
    ['topic rm --help', '-y, --yes'],
  ])('explains itself on `%s`', async (line, expected) => {
    const { code, out, err } = await invoke(line)
    expect(code).toBe(0)
    expect(out).toContain(expected)
    expect(err).toBe('')
  })

  it('prints every command on one page with its tag for language models', async () => {
    const { out } = await invoke('--help-llm')
    expect(out).toContain('## posthorn topic ls [options] [read]')
    expect(out).toContain('## posthorn topic create <name> [options] [write]')
    expect(out).toContain('## posthorn topic rm <name> [options] [write, destructive]')
  })
})

describe('a destructive command', () => {
  it('does it with --yes', async () => {
    expect(await invoke('topic rm a --yes')).toMatchObject({ code: 0, out: 'deleted a\n' })
  })

  it('never asks without a terminal and names the line to type', async () => {
    const { code, out, err } = await invoke('topic delete a', { input: 'y\n' })
    expect({ code, out }).toEqual({ code: 64, out: '' })
    expect(err).toContain('try: posthorn topic delete a --yes')
  })

  it.each([
    ['y\n', 0],
    ['YES\n', 0],
    ['n\n', 130],
    ['\n', 130],
    ['', 130],
  ])('asks on a terminal: the answer %j ends with %i', async (input, code) => {
    const outcome = await invoke('topic rm a', { tty: true, input })
    expect(outcome.code).toBe(code)
    expect(outcome.out).toBe(code === 0 ? 'deleted a\n' : '')
    expect(outcome.err).toContain('Delete topic a? [y/N]')
  })

  it('stops asking at Ctrl-C', async () => {
    const outcome = await invoke('go', { tty: true }, interrupt => [
      go(async ({ confirm }) => {
        const answer = confirm('Really?')
        interrupt('SIGINT')
        await answer
      }),
    ])
    expect(outcome.code).toBe(130)
  })
})

describe('the end of an invocation', () => {
  it.each([
    [
      new CommandError('unreachable', 'no broker at 127.0.0.1:9092', 'posthorn serve'),
      69,
      'try: posthorn serve',
    ],
    [Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }), 69, 'ECONNREFUSED'],
    [Object.assign(new Error('open denied'), { code: 'EACCES' }), 77, 'open denied'],
    [new CommandError('config', 'bad file'), 78, 'bad file'],
    [new TypeError('x is not a function'), 70, 'This is a bug'],
    ['a string', 70, 'a string'],
  ])('maps %s to %i', async (error, code, text) => {
    const outcome = await invoke('go', {}, () => [
      go(() => {
        throw error
      }),
    ])
    expect(outcome.code).toBe(code)
    expect(outcome.err).toContain(text)
    expect(outcome.err).not.toContain('run.test.ts')
  })

  it('shows stack and cause with POSTHORN_DEBUG=1', async () => {
    const outcome = await invoke('go', { env: { POSTHORN_DEBUG: '1' } }, () => [
      go(() => {
        throw new Error('outer', { cause: new Error('inner') })
      }),
    ])
    expect(outcome.err).toContain('run.test.ts')
    expect(outcome.err).toContain('caused by Error: inner')
  })

  it("is the command's own code when it returns one", async () => {
    expect((await invoke('go', {}, () => [go(async () => 2)])).code).toBe(2)
  })

  it.each([
    ['SIGINT', 'returns', 130],
    ['SIGTERM', 'returns', 0],
    ['SIGINT', 'throws', 130],
    ['SIGTERM', 'throws', 143],
  ] as const)('after %s, when the command winds down and %s, is %i', async (name, ending, code) => {
    const outcome = await invoke('go', {}, interrupt => [
      go(({ signal }) => {
        interrupt(name)
        expect(signal.aborted).toBe(true)
        if (ending === 'throws') signal.throwIfAborted()
      }),
    ])
    expect(outcome).toMatchObject({ code, err: '', died: [] })
  })

  it('comes at once with the second Ctrl-C', async () => {
    const outcome = await invoke('go', {}, interrupt => [
      go(() => {
        interrupt('SIGINT')
        interrupt('SIGINT')
      }),
    ])
    expect(outcome.died).toEqual([130])
  })

  it('is quiet and 0 when the reader of stdout has gone, and stops an endless result', async () => {
    async function* endless() {
      for (let n = 0; ; n++) yield { name: `topic-${n}` }
    }
    const forever = defineCommand({
      path: ['forever'],
      summary: 'Never stop',
      examples: [{ text: 'On and on', command: 'posthorn forever' }],
      columns: { name: { type: 'string', summary: 'Name' } },
      run: ({ output }) => output.rows(endless(), { live: true }),
    })
    expect(await invoke('forever -o jsonl', { brokenPipe: 'EPIPE' }, () => [forever])).toMatchObject({
      code: 0,
      err: '',
    })
    expect(await invoke('topic ls --help', { brokenPipe: 'EPIPE' })).toMatchObject({ code: 0, err: '' })
  })

  it('is an error when stdout fails in another way', async () => {
    expect((await invoke('topic ls -q', { brokenPipe: 'ENOSPC' })).code).toBe(75)
  })
})

describe('a terminal', () => {
  it.each([
    [{}, true],
    [{ NO_COLOR: '1' }, false],
    [{ TERM: 'dumb' }, false],
    [{ NO_COLOR: '1', FORCE_COLOR: '1' }, true],
    [{ FORCE_COLOR: '0' }, false],
  ])('with %j has colours: %s', async (env, coloured) => {
    expect((await invoke('topic ls', { tty: true, env })).out.includes('\x1b[2m')).toBe(coloured)
  })

  it('is what colours need, unless they are forced', async () => {
    expect((await invoke('topic ls')).out).not.toContain('\x1b')
    expect((await invoke('topic ls', { env: { FORCE_COLOR: '1' } })).out).toContain('\x1b[2m')
  })
})
