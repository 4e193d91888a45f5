// `posthorn nngcat`: nng's nngcat(1) with the same flags. What differs stands in its description.

import { readFile } from 'node:fs/promises'
import { Sub } from '../../sockets/sp/index.ts'
import { defineCommand } from '../command.ts'
import { CommandError } from '../exit.ts'
import { nngFormats, printed } from './nngcat/format.ts'
import { protocolOf } from './nngcat/protocol.ts'
import { talk } from './nngcat/talk.ts'

const protocol = (name: string) => ({ type: 'boolean', summary: `Speak ${name}` }) as const
const alias = (flag: string) => ({ type: 'boolean', summary: `Same as --${flag}` }) as const
const address = (summary: string) => ({ type: 'string', repeated: true, valueName: 'url', summary }) as const
const seconds = (summary: string) => ({ type: 'number', min: 0, valueName: 'seconds', summary }) as const

export const nngcat = defineCommand({
  path: ['nngcat'],
  summary: 'Send and receive messages of nanomsg and nng, with the flags of nngcat',
  description: `Names a protocol, addresses (tcp://, tls+tcp://, ipc://, abstract://, inproc://, ws://, wss://), how messages are printed (not at all, unless said) and what is sent.

It behaves as nng's nngcat 1.5 does. These differ: exit codes are posthorn's; -q is --quiet, of which --silent is another name; --zt-home is not there, since there is no ZeroTier; --verbose tells of connections on stderr.`,
  examples: [
    {
      text: 'Answer every request',
      command: "posthorn nngcat --rep --listen tcp://127.0.0.1:9000 --data 'yes' --ascii",
    },
    {
      text: 'Ask',
      command: "posthorn nngcat --req --dial tcp://127.0.0.1:9000 --data 'are you there?' --quoted",
    },
    {
      text: 'Listen to a topic',
      command: 'posthorn nngcat --sub --dial tcp://127.0.0.1:9001 --subscribe weather --ascii',
    },
    {
      text: 'Send a line each second',
      command: 'posthorn nngcat --pub --listen tcp://127.0.0.1:9001 -D weather:fine -i 1',
    },
  ],
  foreignLetters: 'nngcat',
  options: {
    req0: protocol('REQ'),
    req: alias('req0'),
    rep0: protocol('REP'),
    rep: alias('rep0'),
    pub0: protocol('PUB'),
    pub: alias('pub0'),
    sub0: protocol('SUB'),
    sub: alias('sub0'),
    push0: protocol('PUSH'),
    push: alias('push0'),
    pull0: protocol('PULL'),
    pull: alias('pull0'),
    surveyor0: protocol('SURVEYOR'),
    surveyor: alias('surveyor0'),
    respondent0: protocol('RESPONDENT'),
    respondent: alias('respondent0'),
    pair0: protocol('PAIR version 0'),
    pair1: protocol('PAIR version 1'),
    pair: { type: 'boolean', summary: 'Same as --pair1, or --pair0 with --compat' },
    dial: address('Connect to this address'),
    connect: address('Same as --dial'),
    listen: address('Listen at this address'),
    bind: address('Same as --listen'),
    bindLocal: {
      type: 'integer',
      short: 'L',
      min: 0,
      max: 65_535,
      repeated: true,
      valueName: 'port',
      summary: 'Listen at tcp://127.0.0.1:<port>',
    },
    connectLocal: {
      type: 'integer',
      short: 'l',
      min: 1,
      max: 65_535,
      repeated: true,
      valueName: 'port',
      summary: 'Connect to tcp://127.0.0.1:<port>',
    },
    bindIpc: {
      type: 'string',
      short: 'X',
      repeated: true,
      valueName: 'path',
      summary: 'Listen at ipc://<path>',
    },
    connectIpc: {
      type: 'string',
      short: 'x',
      repeated: true,
      valueName: 'path',
      summary: 'Connect to ipc://<path>',
    },
    format: {
      type: 'choice',
      choices: nngFormats,
      valueName: 'format',
      summary: 'Print messages like this: no, ascii, hex, msgpack, quoted or raw',
    },
    ascii: { type: 'boolean', short: 'A', summary: 'Same as --format ascii' },
    quoted: { type: 'boolean', short: 'Q', summary: 'Same as --format quoted' },
    hex: { type: 'boolean', summary: 'Same as --format hex' },
    msgpack: { type: 'boolean', summary: 'Same as --format msgpack' },
    raw: { type: 'boolean', summary: 'Same as --format raw' },
    subscribe: {
      type: 'string',
      repeated: true,
      valueName: 'prefix',
      summary: 'SUB: take what begins with this; default: everything',
    },
    silent: { type: 'boolean', summary: 'Same as --quiet' },
    verbose: { type: 'boolean', short: 'v', summary: 'Tell of connections that come and go' },
    count: {
      type: 'integer',
      short: 'C',
      min: 0,
      valueName: 'count',
      default: 0,
      summary: 'End after so many messages; 0: go on',
    },
    delay: { ...seconds('Wait before the first message is sent'), short: 'd' },
    interval: { ...seconds('Send again and again, so many seconds apart'), short: 'i' },
    recvTimeout: seconds('End when nothing is received for so long'),
    sendTimeout: seconds('Fail when a message cannot be sent for so long'),
    recvMaxsz: { type: 'integer', short: 'Z', min: 0, valueName: 'bytes', summary: 'Refuse longer messages' },
    compat: {
      type: 'boolean',
      summary: 'Behave as nanocat: --pair is --pair0, and dialling goes on in the background',
    },
    async: { type: 'boolean', summary: 'Dial in the background, again and again' },
    insecure: { type: 'boolean', short: 'k', summary: "TLS: don't check the server's certificate" },
    cacert: {
      type: 'string',
      valueName: 'file',
      summary: 'TLS: authorities that certificates are checked against',
    },
    cert: { type: 'string', short: 'E', valueName: 'file', summary: 'TLS: our certificate' },
    key: {
      type: 'string',
      valueName: 'file',
      summary: "TLS: our certificate's key; default: in the file of the certificate",
    },
    file: {
      type: 'string',
      short: 'F',
      valueName: 'file',
      summary: 'Send what the file holds; - for standard input',
    },
    data: { type: 'string', short: 'D', valueName: 'text', summary: 'Send this' },
  },
  writes: true,
  async run({ options, output, signal, stdin, world }) {
    const { name, part, make } = protocolOf(options, options.compat)
    const { listens, dials } = addressesOf(options)
    const socket = make({
      world,
      onFault: (error, at) => options.verbose && output.note(`${at}: ${error.message}`),
      ...(options.recvTimeout !== undefined && { receiveTimeoutMs: options.recvTimeout * 1000 }),
      ...(options.sendTimeout !== undefined && { sendTimeoutMs: options.sendTimeout * 1000 }),
      ...(options.recvMaxsz !== undefined && { receiveSizeMax: options.recvMaxsz }),
    })
    try {
      if (options.verbose)
        socket.notify(({ at, pipe }) =>
          output.note(`${at} ${pipe.side} ${pipe.peer.address}:${pipe.peer.port}`),
        )
      if (socket instanceof Sub)
        for (const prefix of options.subscribe.length > 0 ? options.subscribe : ['']) socket.subscribe(prefix)
      else if (options.subscribe.length > 0)
        throw new CommandError('usage', `--subscribe goes with --sub, not --${name}`)
      const tls = await tlsOf(options)
      const data = await dataOf(options, stdin)
      for (const url of listens) {
        const listener = await socket.listen(url, { ...(tls.server && { tls: tls.server }), signal })
        if (options.verbose) output.note(`listening at ${listener.address}`)
      }
      for (const url of dials)
        await socket.dial(url, { tls: tls.client, background: options.async || options.compat, signal })
      const format = formatOf(options)
      await talk(socket, {
        ...{ part, data, world, signal, count: options.count },
        delayMs: (options.delay ?? 0) * 1000,
        intervalMs: options.interval === undefined ? undefined : options.interval * 1000,
        print: body => output.bytes(printed(format, body)),
      })
    } finally {
      await socket.close()
    }
  },
})

interface Addresses {
  readonly dial: readonly string[]
  readonly connect: readonly string[]
  readonly listen: readonly string[]
  readonly bind: readonly string[]
  readonly bindLocal: readonly number[]
  readonly connectLocal: readonly number[]
  readonly bindIpc: readonly string[]
  readonly connectIpc: readonly string[]
}

function addressesOf(options: Addresses): {
  readonly listens: readonly string[]
  readonly dials: readonly string[]
} {
  const local = (port: number): string => `tcp://127.0.0.1:${port}`
  const ipc = (path: string): string => `ipc://${path}`
  const listens = [
    ...options.listen,
    ...options.bind,
    ...options.bindLocal.map(local),
    ...options.bindIpc.map(ipc),
  ]
  const dials = [
    ...options.dial,
    ...options.connect,
    ...options.connectLocal.map(local),
    ...options.connectIpc.map(ipc),
  ]
  if (listens.length + dials.length === 0)
    throw new CommandError('usage', 'no address: give --dial or --listen', 'posthorn nngcat --help')
  return { listens, dials }
}

type FormatOptions = {
  readonly format: (typeof nngFormats)[number] | undefined
} & Readonly<Record<'ascii' | 'quoted' | 'hex' | 'msgpack' | 'raw', boolean>>

function formatOf(options: FormatOptions): (typeof nngFormats)[number] {
  const flags = (['ascii', 'quoted', 'hex', 'msgpack', 'raw'] as const).filter(name => options[name])
  const given = [...flags, ...(options.format === undefined ? [] : [options.format])]
  if (given.length > 1) throw new CommandError('usage', `give one format, not ${given.join(' and ')}`)
  return given[0] ?? 'no'
}

async function dataOf(
  { data, file }: { readonly data: string | undefined; readonly file: string | undefined },
  stdin: AsyncIterable<Buffer | string>,
): Promise<Buffer | undefined> {
  if (data !== undefined && file !== undefined)
    throw new CommandError('usage', 'give --data or --file, not both')
  if (data !== undefined) return Buffer.from(data)
  if (file === undefined) return undefined
  if (file !== '-') return readFile(file)
  const chunks: Buffer[] = []
  for await (const chunk of stdin) chunks.push(Buffer.from(chunk))
  return Buffer.concat(chunks)
}

async function tlsOf(options: {
  readonly insecure: boolean
  readonly cacert: string | undefined
  readonly cert: string | undefined
  readonly key: string | undefined
}) {
  const read = async (path: string | undefined) => (path === undefined ? undefined : readFile(path))
  const [ca, cert, key] = await Promise.all([
    read(options.cacert),
    read(options.cert),
    read(options.key ?? options.cert),
  ])
  const pair = cert && key && { cert, key }
  return {
    client: { ...(ca && { ca }), ...pair, insecure: options.insecure },
    server: pair && { ...pair, ...(ca && { ca }) },
  }
}
