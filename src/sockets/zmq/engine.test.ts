// The engine of a connection, without IO: two of them against each other for every mechanism, and by hand against what
// peers may do wrong.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Engine, type PeerInfo } from './engine.ts'
import { AuthenticationError, ProtocolError } from './errors.ts'
import { generateKeyPair } from './security/box.ts'
import { curveClient, curveServer } from './security/curve.ts'
import type { Mechanism, Question } from './security/mechanism.ts'
import { nullMechanism } from './security/null.ts'
import { plainClient, plainServer } from './security/plain.ts'
import { command, metadataBytes } from './wire/command.ts'
import { COMMAND, MORE } from './wire/frame-reader.ts'

type Frame = readonly [flags: number, body: Buffer]

class End {
  readonly sent: Frame[] = []
  readonly messages: string[][] = []
  readonly heard: string[] = []
  peer: PeerInfo | undefined
  error: Error | undefined
  question: Question | undefined
  readonly engine: Engine

  constructor(mechanism: Mechanism | undefined, allowed: readonly string[], socketType?: string) {
    const version = mechanism === undefined ? '2.0' : '3.1'
    this.engine = new Engine(
      { version, mechanism, allowed, maxMessageSize: -1, ...(socketType !== undefined && { socketType }) },
      { frame: (flags, body) => this.sent.push([flags, Buffer.from(body)]) },
      {
        ready: peer => {
          this.peer = peer
        },
        message: frames => this.messages.push(frames.map(String)),
        subscription: (isOn, prefix) => this.heard.push(`${isOn ? '+' : '-'}${prefix}`),
        group: (isIn, group) => this.heard.push(`${isIn ? 'join' : 'leave'} ${group}`),
        ask: question => {
          this.question = question
        },
        alive: ttlMs => this.heard.push(`alive ${ttlMs}`),
        failed: error => {
          this.error = error
        },
      },
    )
  }
}

const metadata = (type: string): Buffer =>
  metadataBytes([
    ['Socket-Type', Buffer.from(type)],
    ['Identity', Buffer.from('me')],
  ])

/** Carries frames until both are silent. */
function talk(one: End, other: End): void {
  one.engine.begin()
  other.engine.begin()
  carry(one, other)
}

function carry(one: End, other: End): void {
  while (one.sent.length + other.sent.length > 0) {
    for (const [flags, body] of one.sent.splice(0)) other.engine.frame(flags, body)
    for (const [flags, body] of other.sent.splice(0)) one.engine.frame(flags, body)
  }
}

const server = generateKeyPair()
const client = generateKeyPair()
const dealer = { metadata: metadata('DEALER'), asksZap: false }
const router = { metadata: metadata('ROUTER'), asksZap: false }

const pairs: readonly (readonly [string, () => readonly [Mechanism, Mechanism]])[] = [
  ['NULL', () => [nullMechanism(dealer), nullMechanism(router)]],
  ['PLAIN', () => [plainClient(dealer, { username: 'u', password: 'p' }), plainServer(router)]],
  [
    'CURVE',
    () => [curveClient(dealer, { client, serverKey: server.publicKey }), curveServer(router, server)],
  ],
]

describe.each(pairs)('%s', (name, open) => {
  const start = (): readonly [End, End] => {
    const [ours, theirs] = open()
    const ends = [new End(ours, ['ROUTER']), new End(theirs, ['DEALER'])] as const
    talk(...ends)
    return ends
  }

  it('shakes hands, and both know who the other is', () => {
    const [one, other] = start()
    expect([one.error, other.error]).toEqual([undefined, undefined])
    expect([one.peer?.socketType, other.peer?.socketType]).toEqual(['ROUTER', 'DEALER'])
    expect(other.peer?.routingId.toString()).toBe('me')
  })

  it('carries messages, subscriptions and heartbeats', () => {
    const [one, other] = start()
    one.engine.send(MORE, Buffer.from('a'))
    one.engine.send(0, Buffer.from('b'))
    one.engine.send(COMMAND, command('SUBSCRIBE', Buffer.from('x')))
    one.engine.ping(1500)
    carry(one, other)
    expect(other.messages).toEqual([['a', 'b']])
    expect(other.heard).toEqual(['+x', 'alive 1500'])
    expect(one.heard).toEqual(['alive 0'])
  })

  it('takes no notice of commands that it does not know', () => {
    const [one, other] = start()
    one.engine.send(COMMAND, command('NOVELTY', Buffer.from('x')))
    one.engine.send(0, Buffer.from('a'))
    carry(one, other)
    expect([other.messages, other.heard, other.error]).toEqual([[['a']], [], undefined])
  })

  it('survives whatever a peer sends instead of its handshake', () => {
    const frame = fc.tuple(fc.constantFrom(0, MORE, COMMAND), fc.uint8Array({ maxLength: 300 }))
    const named = fc
      .tuple(
        fc.constantFrom('HELLO', 'WELCOME', 'INITIATE', 'READY', 'ERROR', 'PING', 'MESSAGE'),
        fc.uint8Array({ maxLength: 300 }),
      )
      .map(([word, rest]) => [COMMAND, command(word, Buffer.from(rest))] as const)
    fc.assert(
      fc.property(
        fc.array(fc.oneof(frame, named), { maxLength: 8 }),
        fc.constantFrom(0, 1),
        (frames, side) => {
          const end = new End(open()[side] as Mechanism, ['ROUTER', 'DEALER'])
          end.engine.begin()
          for (const [flags, body] of frames) end.engine.frame(flags, Buffer.from(body))
          if (end.error !== undefined)
            expect(end.error instanceof ProtocolError || end.error instanceof AuthenticationError).toBe(true)
        },
      ),
      { numRuns: name === 'CURVE' ? 40 : 100 },
    )
  })
})

describe('what ends a connection', () => {
  it.each([
    ['a peer of the wrong type', [COMMAND, command('READY', metadata('PUB'))], 'ERR_ZMTP_INVALID_METADATA'],
    ['a message before the handshake', [0, Buffer.from('x')], 'ERR_ZMTP_UNEXPECTED_COMMAND'],
    ['another command', [COMMAND, command('WELCOME')], 'ERR_ZMTP_UNEXPECTED_COMMAND'],
  ] as const)('%s', (_, [flags, body], code) => {
    const end = new End(nullMechanism(dealer), ['ROUTER'])
    end.engine.begin()
    end.engine.frame(flags, body)
    expect(end.error).toMatchObject({ code })
  })

  it('an ERROR is a refusal with its status', () => {
    const end = new End(nullMechanism(dealer), ['ROUTER'])
    end.engine.frame(COMMAND, command('ERROR', Buffer.from('\x03400')))
    expect(end.error).toMatchObject({ status: 400 })
  })

  it('a forged, repeated or changed MESSAGE of CURVE', () => {
    const [one, other] = [
      new End(curveClient(dealer, { client, serverKey: server.publicKey }), ['ROUTER']),
      new End(curveServer(router, server), ['DEALER']),
    ]
    talk(one, other)
    one.engine.send(0, Buffer.from('once'))
    const [flags, body] = one.sent.shift() as Frame
    other.engine.frame(flags, body)
    expect(other.messages).toEqual([['once']])
    other.engine.frame(flags, body)
    expect(other.error).toMatchObject({ code: 'ERR_ZMTP_INVALID_SEQUENCE' })
  })

  it('a client of CURVE with another server’s key', () => {
    const [one, other] = [
      new End(curveClient(dealer, { client, serverKey: client.publicKey }), ['ROUTER']),
      new End(curveServer(router, server), ['DEALER']),
    ]
    talk(one, other)
    expect(other.error).toMatchObject({ code: 'ERR_ZMTP_CRYPTOGRAPHIC' })
  })
})

describe('ZAP', () => {
  it('PLAIN asks with name and password, and goes on with the answer', () => {
    const one = new End(plainClient(dealer, { username: 'u', password: 'p' }), ['ROUTER'])
    const other = new End(plainServer({ ...router, asksZap: true }), ['DEALER'])
    talk(one, other)
    expect(other.question).toEqual({ mechanism: 'PLAIN', credentials: [Buffer.from('u'), Buffer.from('p')] })
    other.engine.verdict({ status: 200, text: 'OK', userId: 'uid' })
    for (const [flags, body] of other.sent.splice(0)) one.engine.frame(flags, body)
    for (const [flags, body] of one.sent.splice(0)) other.engine.frame(flags, body)
    expect(other.peer?.userId).toBe('uid')
  })

  it.each([300, 400, 500])('a verdict of %i refuses, and the peer learns it if it is final', status => {
    const one = new End(plainClient(dealer, { username: 'u', password: 'p' }), ['ROUTER'])
    const other = new End(plainServer({ ...router, asksZap: true }), ['DEALER'])
    talk(one, other)
    other.engine.verdict({ status, text: 'no', userId: '' })
    for (const [flags, body] of other.sent.splice(0)) one.engine.frame(flags, body)
    expect(other.error).toMatchObject({ status })
    if (status === 300) expect(one.error).toBeUndefined()
    else expect(one.error).toMatchObject({ status })
  })
})

describe('ZMTP 2.0 (RFC 15)', () => {
  it('the first frame is the routing id, then messages follow', () => {
    const end = new End(undefined, ['DEALER'], 'DEALER')
    end.engine.frame(0, Buffer.from('id'))
    end.engine.frame(0, Buffer.from('hello'))
    expect([end.peer?.version, end.peer?.routingId.toString()]).toEqual(['2.0', 'id'])
    expect(end.messages).toEqual([['hello']])
  })
})
