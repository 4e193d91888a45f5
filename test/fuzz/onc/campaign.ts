// A run of the ONC RPC fuzzer: mutated calls, in records cut anyhow, to a server; mutated datagrams to another; mutated replies to a
// client. Bombs come first, a healthy client in between, and memory is looked at when a server has gone.

import { Reader, WireError } from '../../../src/bytes/index.ts'
import { noAuth, OncError, service } from '../../../src/rpc/index.ts'
import { Calls } from '../../../src/rpc/onc/calls.ts'
import { Dispatcher } from '../../../src/rpc/onc/dispatcher.ts'
import { readReply } from '../../../src/rpc/onc/message.ts'
import { marked, RecordSplitter, type WriteMessage } from '../../../src/rpc/onc/record.ts'
import { ReplyCache } from '../../../src/rpc/onc/reply-cache.ts'
import { ServedConnection } from '../../../src/rpc/onc/served-connection.ts'
import { Services } from '../../../src/rpc/onc/service.ts'
import { deskServices } from '../../../src/rpc/rpcbind/desk.ts'
import { Relay } from '../../../src/rpc/rpcbind/relay.ts'
import { StatisticsBook } from '../../../src/rpc/rpcbind/statistics.ts'
import { RegistrationTable } from '../../../src/rpc/rpcbind/table.ts'
import { Dice } from '../../../src/sim/disk/index.ts'
import { ManualWorld } from '../../../src/world/index.ts'
import { bytesInUse, type CampaignOptions, type Outcome } from '../campaign.ts'
import { ScriptedStream } from '../scripted-stream.ts'
import { bombs, goodCalls, goodReplies, type Seed } from './corpus.ts'
import { FUZZED } from './programs.ts'

const RECORD_BYTES_MAX = 16 * 1024 * 1024
const VISIT_CALLS_MAX = 10
const edges = [
  0, 1, 2, 3, 4, 7, 0x7f, 0xff, 0xffff, 0x7fff_ffff, 0x8000_0000, 0xffff_fffc, 0xffff_ffff, 100_000,
]

/** A server that is attacked, and what is wrong with it. */
class Arena {
  readonly findings: string[] = []
  readonly world = new ManualWorld()
  readonly #dispatcher: Dispatcher
  story = ''
  answered = 0

  constructor() {
    const table = new RegistrationTable(100)
    const parts = { table, book: new StatisticsBook(), relay: new Relay(() => false), world: this.world }
    const fuzzed = service(FUZZED, {
      EVERYTHING: value => value,
      TREE: value => value,
      ECHO: value => value,
      LIST: value => value,
      ARRAY: numbers => numbers.length,
      LATER: async value => value,
      SILENT: (_, call) => call.withhold() as undefined,
    })
    this.#dispatcher = new Dispatcher({
      services: new Services([fuzzed, ...deskServices({ ...parts, netid: 'tcp' })]),
      refuse: undefined,
      onFault: (title, error) => this.#fault(title, error),
      isTlsRequired: false,
      cache: new ReplyCache({ entriesMax: 100, bytesMax: 1_000_000 }, 'by-port'),
    })
  }

  /** Sends chunks over a stream; gives the answers. */
  async visit(chunks: readonly Buffer[], story: string): Promise<Buffer[]> {
    this.story = story
    const stream = new ScriptedStream(chunks)
    const connection = new ServedConnection(stream, this.#dispatcher, { world: this.world })
    const running = connection.run()
    for (let turn = 0; turn < 3; turn++) await new Promise(setImmediate)
    stream.leave()
    await running
    return this.#answersOf(stream)
  }

  /** One datagram. */
  async datagram(payload: Buffer, story: string): Promise<void> {
    this.story = story
    const replyMade = (chunks: readonly Buffer[]): void => this.#look(Buffer.concat(chunks).subarray(4))
    const reply = (write: WriteMessage): void => replyMade(marked(write))
    const peer = { address: '10.0.0.9', port: 9, encrypted: false }
    const caller = { peer, signal: new AbortController().signal, answerBytesMax: 65_507, reply, replyMade }
    try {
      await this.#dispatcher.carryOut(payload, caller)
    } catch (error) {
      if (!isExpected(error)) this.findings.push(`datagram threw ${String(error)}; ${story}`)
    }
  }

  /** A client that waits for the reply to call 1, and gets this. */
  async reply(payload: Buffer, story: string): Promise<void> {
    const send = (): undefined => undefined
    const world = Object.assign(new ManualWorld(), { randomBytes: () => Buffer.alloc(4) })
    const parts = { address: 'here', world, credential: noAuth, timeoutMs: 1000, resendMs: undefined }
    const calls = new Calls({ ...parts, keeps: false, ignoresExtraBytes: false, send })
    const { EVERYTHING } = FUZZED.procedures
    const value = EVERYTHING.argument.decode(goodCalls[0]?.bytes.subarray(40) ?? Buffer.alloc(0))
    const call = calls.client(FUZZED).EVERYTHING(value)
    const ended = call.then(
      () => undefined,
      (error: unknown) =>
        isExpected(error) ? undefined : this.findings.push(`call: ${String(error)}; ${story}`),
    )
    try {
      calls.answered(payload)
    } catch (error) {
      if (!isExpected(error)) this.findings.push(`answered threw ${String(error)}; ${story}`)
    }
    calls.end(new OncError('RPC_CLOSED', 'the fuzzer'))
    await ended
    if (world.pendingTimers > 0) this.findings.push(`a timer is left; ${story}`)
  }

  /** Whoever does everything right is answered, and nothing has got into what all objects share. */
  async healthy(): Promise<void> {
    const [good] = goodCalls
    const answers = good === undefined ? [] : await this.visit([recordOf(good.bytes)], 'a healthy client')
    if (answers.length !== 1) this.findings.push(`a healthy client got ${answers.length} answers`)
    const strange = Object.keys(Object.prototype)
    if (strange.length > 0) this.findings.push(`Object.prototype has ${strange.join()}`)
  }

  #answersOf(stream: ScriptedStream): Buffer[] {
    const answers: Buffer[] = []
    const splitter = new RecordSplitter(record => answers.push(record))
    for (const chunk of stream.written()) splitter.push(chunk)
    if (splitter.isAmid) this.findings.push(`an answer that is not whole; ${this.story}`)
    for (const answer of answers) this.#look(answer)
    return answers
  }

  #look(answer: Buffer): void {
    this.answered++
    try {
      readReply(new Reader(answer))
    } catch (error) {
      this.findings.push(`an answer that is none: ${String(error)}; ${this.story}`)
    }
  }

  #fault(title: string, error: unknown): void {
    const isRefusedRelay = error instanceof Error && error.message.includes('was not passed on')
    if (!isExpected(error) && !isRefusedRelay)
      this.findings.push(`${title}: ${error instanceof Error ? error.stack : error}; ${this.story}`)
  }
}

export async function oncCampaign(options: CampaignOptions): Promise<Outcome> {
  const { seed, requests, renewAfter, progress } = options
  const dice = new Dice(seed)
  const findings: string[] = []
  const inUse: number[] = []
  let sent = 0
  let answered = 0
  let rssMax = 0
  while (sent < requests) {
    const arena = new Arena()
    if (options.hostile) await hostile(arena)
    for (const until = Math.min(requests, sent + renewAfter); sent < until; ) {
      sent += await attack(arena, dice)
      rssMax = Math.max(rssMax, process.memoryUsage.rss())
    }
    await arena.healthy()
    findings.push(...arena.findings)
    answered += arena.answered
    inUse.push(bytesInUse())
    progress?.(`onc: ${sent} messages, ${answered} answered, ${findings.length} findings`)
  }
  return { requests: sent, answered, findings, inUse, rssMax }
}

async function attack(arena: Arena, dice: Dice): Promise<number> {
  if (dice.chance(0.2)) {
    const { bytes, story } = mutated(dice.pick(goodReplies), dice, goodReplies)
    await arena.reply(bytes, story)
    return 1
  }
  const made = Array.from({ length: dice.between(1, VISIT_CALLS_MAX) }, () =>
    mutated(dice.pick(goodCalls), dice, goodCalls),
  )
  if (dice.chance(0.2)) {
    for (const { bytes, story } of made) await arena.datagram(bytes, story)
    return made.length
  }
  const stream = Buffer.concat(made.map(one => fragments(one.bytes, dice)))
  if (dice.chance(0.05) && stream.length > 0) stream.writeUInt8(dice.below(256), dice.below(stream.length))
  await arena.visit(
    dice.chance(0.2) ? crumbs(stream, dice) : [stream],
    made.map(one => one.story).join(' | '),
  )
  return made.length
}

/** Each is answered with GARBAGE_ARGS, or ends the connection. */
async function hostile(arena: Arena): Promise<void> {
  for (const { name, bytes } of bombs) {
    const [answer] = await arena.visit([recordOf(bytes)], name)
    const status = answer?.readUInt32BE(answer.length - 4)
    if (status !== 4) arena.findings.push(`${name} was answered with ${status}`)
  }
  for (const [name, mark] of [
    ['a record that says it is 2 GB', 0xffff_ffff],
    ['a fragment that says it is 2 GB', 0x7fff_ffff],
    ['a record of one byte more than is allowed', 0x8000_0000 + RECORD_BYTES_MAX + 1],
  ] as const) {
    const answers = await arena.visit([word(mark)], name)
    if (answers.length > 0) arena.findings.push(`${name} was answered`)
  }
  const empty = Buffer.alloc(4 * 20_000) // fragments without an end and without bytes
  await arena.visit([empty], 'endless empty fragments')
}

function mutated(
  { name, bytes }: Seed,
  dice: Dice,
  corpus: readonly Seed[],
): { bytes: Buffer; story: string } {
  let made: Buffer = Buffer.from(bytes)
  const story = [name]
  for (let times = dice.pick([0, 1, 1, 1, 2, 3]); times > 0; times--) {
    const at = dice.below(Math.max(1, made.length - 3))
    const kind = dice.below(8)
    story.push(`${kind}@${at}`)
    if (made.length < 4) break
    if (kind === 0) made.writeUInt8(made.readUInt8(at) ^ (1 << dice.below(8)), at)
    else if (kind === 1) made.writeUInt8(dice.below(256), at)
    else if (kind <= 3) made.writeUInt32BE(dice.pick(edges), at - (at % 4))
    else if (kind === 4) made = made.subarray(0, at)
    else if (kind === 5) made = Buffer.concat([made, Buffer.alloc(dice.between(1, 64), dice.below(256))])
    else if (kind === 6)
      made = Buffer.concat([made.subarray(0, at), dice.pick(corpus).bytes.subarray(dice.below(40))])
    else made = Buffer.concat([made.subarray(0, at - (at % 4)), made.subarray(dice.below(made.length))])
  }
  return { bytes: made, story: story.join(' ') }
}

/** The message in one fragment or several, some of them empty. */
function fragments(bytes: Buffer, dice: Dice): Buffer {
  if (dice.chance(0.7)) return recordOf(bytes)
  const parts: Buffer[] = []
  for (let at = 0; at < bytes.length; ) {
    const size = dice.below(60)
    const part = bytes.subarray(at, at + size)
    at += part.length
    parts.push(word(part.length + (at >= bytes.length ? 0x8000_0000 : 0)), part)
  }
  return Buffer.concat(parts)
}

function crumbs(stream: Buffer, dice: Dice): Buffer[] {
  const parts: Buffer[] = []
  for (let at = 0; at < stream.length; ) {
    const size = dice.between(1, 30)
    parts.push(stream.subarray(at, at + size))
    at += size
  }
  return parts
}

function recordOf(bytes: Buffer): Buffer {
  return Buffer.concat([word(0x8000_0000 + bytes.length), bytes])
}

function word(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value >>> 0)
  return bytes
}

function isExpected(error: unknown): boolean {
  return error instanceof OncError || error instanceof WireError
}
