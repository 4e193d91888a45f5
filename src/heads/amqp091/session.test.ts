// One connection, spoken to by a client made of frames: the handshake, channels, closing, heartbeats. The titles are those of
// the arrows in session.ts and channels.ts.

import fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import type { SaslExchange, SaslMechanism } from '../../auth/index.ts'
import { type Fields, type InOf, Reader, Writer } from '../../bytes/index.ts'
import { serverProperties } from './capabilities.ts'
import { AmqpError } from './errors.ts'
import { FrameCutter, preferredHeader, writeContent, writeHeartbeat, writeMethod } from './frame.ts'
import { limits } from './limits.ts'
import { Session, type SessionEvents } from './session.ts'
import {
  BasicAck,
  BasicDeliver,
  BasicPublish,
  ChannelClose,
  ChannelCloseOk,
  ChannelOpen,
  ChannelOpenOk,
  ConnectionBlocked,
  ConnectionClose,
  ConnectionCloseOk,
  ConnectionOpen,
  ConnectionSecureOk,
  ConnectionStartOk,
  ConnectionTune,
  ConnectionTuneOk,
  ConnectionUpdateSecret,
  type Method,
  methodById,
  QueueDeclare,
  QueueDeclareOk,
} from './wire/index.ts'
import { encodeProperties } from './wire/properties.ts'

const exchange: SaslExchange = { step: () => ({ at: 'failed', reason: '', message: '' }) }
const mechanisms: readonly SaslMechanism[] = ['PLAIN', 'AMQPLAIN'].map(name => ({
  name,
  start: () => exchange,
}))
const properties = serverProperties({
  product: 'Posthorn',
  version: '1.0.0',
  platform: 'Node',
  clusterName: 'c',
})
const ann = { kind: 'user', name: 'ann' } as const
const closesOnFailure = new Map([['capabilities', new Map([['authentication_failure_close', true]])]])
const tuning = { channelMax: 2047, frameMax: 131_072, heartbeat: 60 }
const ids = { classId: 0, methodId: 0 }

/** What the events told, in their order, and the answers that a test takes away to give them itself. */
let told: unknown[]
let session: Session
let answersOpen: boolean

beforeEach(() => {
  told = []
  answersOpen = true
  session = new Session({ limits, properties, mechanisms, begin: () => exchange }, events, 0)
})

const events: SessionEvents = {
  authenticate: (_exchange, response) => told.push(['authenticate', response.toString()]),
  open: vhost => {
    told.push(['open', vhost])
    if (answersOpen) session.openOk(0)
  },
  channelOpening: () => {},
  channelOpened: channel => told.push(['opened', channel]),
  method: (channel, method, args) => told.push([method.name, channel, args]),
  content: (channel, { method, body }) => told.push([method.name, channel, body.toString()]),
  channelClosing: (channel, { by, code }) => told.push(['channel closing', channel, by, code]),
  channelClosed: channel => told.push(['channel closed', channel]),
  closing: ({ by, code }) => told.push(['closing', by, code]),
  closed: reason => told.push(['closed', reason]),
}

function bytesOf<F extends Fields>(channel: number, method: Method<F>, args: InOf<F>): Buffer {
  const to = new Writer()
  writeMethod(to, channel, method, args)
  return Buffer.concat(to.finish())
}

function say<F extends Fields>(channel: number, method: Method<F>, args: InOf<F>, nowMs = 0): void {
  session.receive(bytesOf(channel, method, args), nowMs)
}

function publish(channel: number, body: Buffer | string, headerOf = body.length): Buffer {
  const to = new Writer()
  const content = { properties: encodeProperties({}), body: Buffer.from(body) }
  writeContent(to, channel, BasicPublish, { exchange: '', routingKey: 'q' }, content, 131_072)
  const bytes = Buffer.concat(to.finish())
  if (headerOf !== body.length) bytes.writeUInt32BE(headerOf, bytes.indexOf('003c0000', 'hex') + 8)
  return bytes
}

/** What the server sent since the last time: methods with their arguments, other frames by their type. */
function heard(nowMs = 0): unknown[] {
  const cutter = new FrameCutter()
  cutter.push(Buffer.concat(session.drain(nowMs)))
  const frames: unknown[] = []
  while (cutter.next(1e9)) {
    const method = cutter.type === 1 ? methodById(cutter.buffer.readUInt32BE(cutter.start)) : undefined
    if (method === undefined) frames.push([`type ${cutter.type}`, cutter.channel])
    else
      frames.push([
        method.name,
        cutter.channel,
        method.decode(new Reader(cutter.buffer, cutter.start + 4, cutter.end)),
      ])
  }
  return frames
}

function startOk(
  clientProperties: ReadonlyMap<string, never> | typeof closesOnFailure = new Map(),
  mechanism = 'PLAIN',
) {
  session.receive(preferredHeader, 0)
  heard()
  const response = Buffer.from('\0ann\0pencil')
  say(0, ConnectionStartOk, { clientProperties, mechanism, response, locale: 'en_US' })
}

function logIn(answer = tuning): void {
  startOk()
  session.authenticated({ at: 'done', principal: ann }, 0)
  heard()
  say(0, ConnectionTuneOk, answer)
}

/** A running connection with these channels. */
function run(...channels: number[]): void {
  logIn()
  say(0, ConnectionOpen, { virtualHost: '/' })
  for (const channel of channels) say(channel, ChannelOpen, {})
  heard()
  told = []
}

function closeFrame(code: number, text: string, method = ids): unknown {
  const { classId, methodId } = method
  return ['connection.close', 0, { replyCode: code, replyText: text, classId, methodId }]
}

describe('the handshake (specification section 2.2.4)', () => {
  it('answers the protocol header', () => {
    session.receive(preferredHeader.subarray(0, 5), 0)
    expect(heard()).toEqual([])
    session.receive(preferredHeader.subarray(5), 0)
    expect(heard()).toEqual([
      [
        'connection.start',
        0,
        {
          versionMajor: 0,
          versionMinor: 9,
          serverProperties: properties,
          mechanisms: Buffer.from('PLAIN AMQPLAIN'),
          locales: Buffer.from('en_US'),
        },
      ],
    ])
    expect(session.at).toBe('start')
  })

  it('answers the header of 0-8 with its version', () => {
    session.receive(Buffer.from('414d515001010800', 'hex'), 0)
    expect(heard()).toMatchObject([['connection.start', 0, { versionMajor: 8, versionMinor: 0 }]])
  })

  it('answers an unknown header with its own', () => {
    session.receive(Buffer.from('GET / HTTP/1.1\r\n'), 0)
    expect(Buffer.concat(session.drain(0))).toEqual(preferredHeader)
    expect(told).toEqual([['closed', expect.stringContaining('474554202f204854')]])
  })

  it('logs in and opens', () => {
    startOk()
    expect(told).toEqual([['authenticate', '\0ann\0pencil']])
    expect(session.isPaused).toBe(true)
    session.authenticated({ at: 'done', principal: ann }, 0)
    expect(heard()).toEqual([['connection.tune', 0, tuning]])
    say(0, ConnectionTuneOk, { channelMax: 100, frameMax: 4096, heartbeat: 7 })
    say(0, ConnectionOpen, { virtualHost: 'shop' })
    expect(heard()).toEqual([['connection.open-ok', 0, { reserved1: '' }]])
    expect([session.at, session.principal, session.vhost]).toEqual(['running', ann, 'shop'])
    expect(session.tuning).toEqual({ channelMax: 100, frameMax: 4096, heartbeat: 7 })
    expect(session.client).toMatchObject({ mechanism: 'PLAIN', capabilities: { connectionBlocked: false } })
  })

  it('takes several steps', () => {
    startOk()
    session.authenticated({ at: 'continue', challenge: Buffer.from('1') }, 0)
    expect(heard()).toEqual([['connection.secure', 0, { challenge: Buffer.from('1') }]])
    say(0, ConnectionSecureOk, { response: Buffer.from('2') })
    expect(told.at(-1)).toEqual(['authenticate', '2'])
    session.authenticated({ at: 'done', principal: ann, challenge: Buffer.from('3') }, 0)
    expect(heard()).toEqual([['connection.secure', 0, { challenge: Buffer.from('3') }]])
    say(0, ConnectionSecureOk, { response: Buffer.alloc(0) })
    expect(heard()).toMatchObject([['connection.tune', 0, {}]])
  })

  it('refuses a login by connection.close, where the client said that it understands', () => {
    startOk(closesOnFailure)
    session.authenticated({ at: 'failed', reason: 'wrong password', message: 'no' }, 0)
    const text =
      'ACCESS_REFUSED - Login was refused using authentication mechanism PLAIN. For details see the broker logfile.'
    expect(heard()).toEqual([closeFrame(403, text)])
    say(0, ConnectionCloseOk, {})
    expect(told.at(-1)).toEqual(['closed', 'the login was refused: wrong password'])
  })

  it('refuses a login silently, and late, otherwise', () => {
    startOk()
    session.authenticated({ at: 'failed', reason: 'wrong password', message: 'no' }, 1000)
    expect(heard()).toEqual([])
    expect(session.wakeAt).toBe(4000)
    session.tick(3999)
    expect(session.at).toBe('silent')
    session.tick(4000)
    expect(told.at(-1)).toEqual(['closed', 'the login was refused: wrong password'])
  })

  it('refuses a mechanism that is not offered', () => {
    startOk(new Map(), 'SECRET')
    expect(heard()).toEqual([
      closeFrame(503, "COMMAND_INVALID - unknown authentication mechanism 'SECRET'", ConnectionStartOk),
    ])
  })

  it('refuses to be tuned up', () => {
    logIn({ ...tuning, channelMax: 4000 })
    expect(heard()).toMatchObject([['connection.close', 0, { replyCode: 530 }]])
  })

  it('takes frames of 8,192 bytes before tune, and no larger ones', () => {
    session.receive(preferredHeader, 0)
    heard()
    const sized = (bytes: number) => {
      const frame = bytesOf(0, ConnectionStartOk, {
        mechanism: 'PLAIN',
        response: Buffer.alloc(bytes),
        locale: '',
      })
      return frame
    }
    const overhead = sized(0).length
    session.receive(sized(8192 - overhead), 0)
    expect(told).toHaveLength(1)
    session = new Session({ limits, properties, mechanisms, begin: () => exchange }, events, 0)
    session.receive(preferredHeader, 0)
    heard()
    session.receive(sized(8193 - overhead), 0)
    expect(heard()).toMatchObject([['connection.close', 0, { replyCode: 501 }]])
  })

  it('may agree upon no limits, and still has those of the fields and of memory', () => {
    const unlimited = { ...limits, channelMax: 0, frameBytesMax: 0, heartbeatSeconds: 0 }
    session = new Session({ limits: unlimited, properties, mechanisms, begin: () => exchange }, events, 0)
    logIn({ channelMax: 0, frameMax: 0, heartbeat: 0 })
    say(0, ConnectionOpen, { virtualHost: '/' })
    say(65_535, ChannelOpen, {})
    session.receive(publish(65_535, 'x'.repeat(200_000)), 0)
    expect(told.at(-1)).toEqual(['basic.publish', 65_535, 'x'.repeat(200_000)])
    session = new Session({ limits: unlimited, properties, mechanisms, begin: () => exchange }, events, 0)
    logIn({ channelMax: 0, frameMax: 0, heartbeat: 0 })
    session.receive(Buffer.from('03000101000001', 'hex'), 0)
    expect(heard()).toMatchObject([['connection.close', 0, { replyCode: 501 }]])
  })

  it('keeps what a client sends ahead, and reads it in its turn', () => {
    answersOpen = false
    logIn()
    session.receive(
      Buffer.concat([bytesOf(0, ConnectionOpen, { virtualHost: '/' }), bytesOf(1, ChannelOpen, {})]),
      0,
    )
    expect(told.at(-1)).toEqual(['open', '/'])
    session.openOk(0)
    expect(heard()).toMatchObject([
      ['connection.open-ok', 0, {}],
      ['channel.open-ok', 1, {}],
    ])
    expect(told.at(-1)).toEqual(['opened', 1])
  })

  it('keeps only so much of it', () => {
    startOk()
    session.receive(Buffer.alloc(131_073), 0)
    expect(heard()).toMatchObject([['connection.close', 0, { replyCode: 506 }]])
  })

  it('gives up a slow handshake', () => {
    startOk()
    expect(session.wakeAt).toBe(10_000)
    session.tick(9999)
    expect(session.at).toBe('login')
    session.tick(10_000)
    expect(told.at(-1)).toEqual(['closed', 'the handshake took longer than 10000 ms'])
  })

  it.each<[string, () => void, number]>([
    ['a method of a channel', () => say(1, ChannelOpen, {}), 505],
    ['a method that comes later', () => say(0, ConnectionOpen, { virtualHost: '/' }), 504],
    ['a method of the server', () => say(0, ConnectionTune, tuning), 504],
  ])('refuses %s before its time', (_title, act, code) => {
    session.receive(preferredHeader, 0)
    heard()
    act()
    expect(heard()).toMatchObject([['connection.close', 0, { replyCode: code }]])
  })
})

describe('channels (specification section 2.3.7)', () => {
  it('opens a channel and answers', () => {
    run()
    say(2047, ChannelOpen, {})
    expect(heard()).toEqual([['channel.open-ok', 2047, { reserved1: Buffer.alloc(0) }]])
    expect(told).toEqual([['opened', 2047]])
    expect(session.channelCount).toBe(1)
  })

  it('hands on methods and content, in their order', () => {
    run(1, 2)
    session.receive(
      Buffer.concat([
        publish(1, 'one'),
        bytesOf(2, BasicAck, { deliveryTag: 5 }),
        publish(2, 'two'),
        publish(1, ''),
      ]),
      0,
    )
    expect(told).toEqual([
      ['basic.publish', 1, 'one'],
      ['basic.ack', 2, { deliveryTag: 5, multiple: false }],
      ['basic.publish', 2, 'two'],
      ['basic.publish', 1, ''],
    ])
    expect(session.heldBytes).toBe(0)
  })

  it('sends on channels that are open, and on no others', () => {
    run(1)
    expect(session.send(1, QueueDeclareOk, { queue: 'q', messageCount: 1, consumerCount: 2 })).toBe(true)
    expect(session.send(2, BasicAck, { deliveryTag: 1 })).toBe(false)
    expect(session.send(0, ConnectionBlocked, { reason: 'low on disk' })).toBe(true)
    const args = { consumerTag: 't', deliveryTag: 1, exchange: '', routingKey: 'q' }
    const content = { properties: encodeProperties({}), body: Buffer.from('x') }
    expect(session.sendContent(1, BasicDeliver, args, content)).toBe(true)
    expect(session.sendContent(2, BasicDeliver, args, content)).toBe(false)
    expect(heard().map(frame => (frame as unknown[])[0])).toEqual([
      'queue.declare-ok',
      'connection.blocked',
      'basic.deliver',
      'type 2',
      'type 3',
    ])
  })

  it('a client closes a channel', () => {
    run(1)
    say(1, ChannelClose, { replyCode: 200, replyText: 'bye', ...ids })
    expect(told).toEqual([['channel closing', 1, 'client', 200]])
    expect(heard()).toEqual([])
    expect(session.send(1, BasicAck, { deliveryTag: 1 })).toBe(false)
    session.channelCloseOk(1)
    session.channelCloseOk(1)
    expect(heard()).toEqual([['channel.close-ok', 1, {}]])
    expect(told.at(-1)).toEqual(['channel closed', 1])
    say(1, ChannelOpen, {})
    expect(heard()).toMatchObject([['channel.open-ok', 1, {}]])
  })

  it('the server closes a channel', () => {
    run(1)
    session.closeChannel(1, new AmqpError('NOT_FOUND', "no queue 'q' in vhost '/'", QueueDeclare))
    session.closeChannel(1, new AmqpError('NOT_FOUND', 'again'))
    const replyText = "NOT_FOUND - no queue 'q' in vhost '/'"
    expect(heard()).toEqual([['channel.close', 1, { replyCode: 404, replyText, classId: 50, methodId: 10 }]])
    say(1, ChannelCloseOk, {})
    expect(told).toEqual([
      ['channel closing', 1, 'server', 404],
      ['channel closed', 1],
    ])
    expect(session.channelCount).toBe(0)
  })

  it('drops what was under way', () => {
    run(1)
    session.receive(publish(1, 'hello').subarray(0, -10), 0)
    session.closeChannel(1, new AmqpError('NOT_FOUND', 'gone'))
    heard()
    told = []
    session.receive(publish(1, 'hello').subarray(-10), 0)
    session.receive(Buffer.concat([publish(1, 'more'), bytesOf(1, ChannelOpen, {})]), 0)
    expect(told).toEqual([])
    expect(heard()).toEqual([])
  })

  it('both close at once', () => {
    run(1)
    session.closeChannel(1, new AmqpError('NOT_FOUND', 'gone'))
    heard()
    say(1, ChannelClose, { replyCode: 200, replyText: '', ...ids })
    expect(heard()).toEqual([['channel.close-ok', 1, {}]])
    expect(session.channelCount).toBe(1)
    say(1, ChannelCloseOk, {})
    expect(session.channelCount).toBe(0)
  })

  it('goes on with other channels when one is closed', () => {
    run(1, 2)
    session.closeChannel(1, new AmqpError('NOT_FOUND', 'gone'))
    session.receive(publish(2, 'two'), 0)
    expect(told.at(-1)).toEqual(['basic.publish', 2, 'two'])
  })

  it('closes a channel for an error that a handler throws, or the connection where it is hard', () => {
    run(1)
    session.fail(1, new AmqpError('NOT_FOUND', 'gone'), 0)
    expect(heard()).toMatchObject([['channel.close', 1, {}]])
    session.fail(1, new AmqpError('NOT_IMPLEMENTED', 'immediate=true'), 0)
    expect(heard()).toMatchObject([['connection.close', 0, { replyCode: 540 }]])
  })

  it('closes the channel for a message that is too large', () => {
    run(1)
    session.receive(publish(1, 'x', 16_777_217), 0)
    expect(heard()).toMatchObject([['channel.close', 1, { replyCode: 406, classId: 60, methodId: 40 }]])
    expect(session.at).toBe('running')
  })

  it.each<[string, () => void, unknown]>([
    [
      'a method on a channel that is not open',
      () => say(3, BasicAck, { deliveryTag: 1 }),
      closeFrame(504, "CHANNEL_ERROR - expected 'channel.open'", BasicAck),
    ],
    [
      'content on a channel that is not open',
      () => session.receive(publish(3, 'x').subarray(-9), 0),
      closeFrame(504, "CHANNEL_ERROR - expected 'channel.open'"),
    ],
    [
      'a second channel.open',
      () => say(1, ChannelOpen, {}),
      closeFrame(504, "CHANNEL_ERROR - second 'channel.open' seen", ChannelOpen),
    ],
    [
      'a channel above the negotiated maximum',
      () => say(2048, ChannelOpen, {}),
      closeFrame(530, 'NOT_ALLOWED - channel 2048 is above the negotiated channel_max (2047)', ChannelOpen),
    ],
    [
      'a method that only servers send',
      () => say(1, ChannelOpenOk, {}),
      closeFrame(503, 'COMMAND_INVALID - unimplemented method', ChannelOpenOk),
    ],
    [
      'a method of the connection on a channel',
      () => say(1, ConnectionClose, { replyCode: 200, replyText: '', ...ids }),
      closeFrame(503, 'COMMAND_INVALID - unimplemented method', ConnectionClose),
    ],
    [
      'a method that nobody knows',
      () => session.receive(Buffer.from('01000100000004003c0099ce', 'hex'), 0),
      closeFrame(503, 'COMMAND_INVALID - unknown method 60.153', { classId: 60, methodId: 0x99 }),
    ],
    [
      'arguments that are cut',
      () => session.receive(Buffer.from('01000100000005003c005000ce', 'hex'), 0),
      closeFrame(
        502,
        'SYNTAX_ERROR - basic.ack: deliveryTag: 4 bytes are needed, 1 are left, at byte 11',
        BasicAck,
      ),
    ],
    [
      'a method frame without a method',
      () => session.receive(Buffer.from('01000100000000ce', 'hex'), 0),
      closeFrame(501, 'FRAME_ERROR - a method frame of 0 bytes names no method'),
    ],
    [
      'a body out of its turn',
      () => session.receive(publish(1, 'x').subarray(-9), 0),
      closeFrame(505, 'UNEXPECTED_FRAME - expected method, got a content body instead'),
    ],
    [
      'a method in the middle of content',
      () =>
        session.receive(
          Buffer.concat([publish(1, 'x').subarray(0, -9), bytesOf(1, BasicAck, { deliveryTag: 1 })]),
          0,
        ),
      closeFrame(505, 'UNEXPECTED_FRAME - expected content body, got method basic.ack instead'),
    ],
    [
      'content on channel 0',
      () => session.receive(publish(0, 'x').subarray(-9), 0),
      closeFrame(505, 'UNEXPECTED_FRAME - content came on channel 0'),
    ],
    [
      'a method of a channel on channel 0',
      () => say(0, BasicAck, { deliveryTag: 1 }),
      closeFrame(504, 'CHANNEL_ERROR - unexpected method in connection state running', BasicAck),
    ],
    [
      'a frame of an unknown type on channel 0',
      () => session.receive(Buffer.from('05000000000000ce', 'hex'), 0),
      closeFrame(501, 'FRAME_ERROR - unknown frame type 5'),
    ],
    [
      'a frame of an unknown type on a channel',
      () => session.receive(Buffer.from('05000100000000ce', 'hex'), 0),
      closeFrame(501, 'FRAME_ERROR - unknown frame type 5'),
    ],
    [
      'a heartbeat on a channel',
      () => session.receive(Buffer.from('08000100000000ce', 'hex'), 0),
      closeFrame(505, 'UNEXPECTED_FRAME - a heartbeat came on channel 1'),
    ],
    [
      'a heartbeat that says something',
      () => session.receive(Buffer.from('0800000000000100ce', 'hex'), 0),
      closeFrame(501, 'FRAME_ERROR - a heartbeat has 1 bytes of payload'),
    ],
  ])('the connection ends at %s', (_title, act, expected) => {
    run(1)
    act()
    expect(heard()).toEqual([expected])
    expect(session.at).toBe('closing')
  })
})

describe('the end of a connection (specification section 1.4.2.10)', () => {
  it('a client closes the connection', () => {
    run(1)
    say(0, ConnectionClose, { replyCode: 200, replyText: 'bye', ...ids })
    expect(told).toEqual([['closing', 'client', 200]])
    expect(session.send(1, BasicAck, { deliveryTag: 1 })).toBe(false)
    session.receive(publish(1, 'late'), 0)
    session.closeOk()
    session.closeOk()
    expect(heard()).toEqual([['connection.close-ok', 0, {}]])
    expect(told.slice(1)).toEqual([['closed', 'the client closed: 200 bye']])
  })

  it('a client may close in the middle of the handshake', () => {
    session.receive(preferredHeader, 0)
    say(0, ConnectionClose, { replyCode: 200, replyText: 'bye', ...ids })
    session.closeOk()
    expect(session.at).toBe('closed')
  })

  it('the server closes the connection', () => {
    run(1)
    session.close(new AmqpError('CONNECTION_FORCED', 'broker is shutting down'), 1000)
    expect(heard()).toEqual([closeFrame(320, 'CONNECTION_FORCED - broker is shutting down')])
    session.receive(Buffer.concat([publish(1, 'late'), bytesOf(0, BasicAck, { deliveryTag: 1 })]), 2000)
    say(0, ConnectionClose, { replyCode: 200, replyText: 'me too', ...ids })
    expect(heard()).toEqual([['connection.close-ok', 0, {}]])
    say(0, ConnectionCloseOk, {})
    expect(told).toEqual([
      ['closing', 'server', 320],
      ['closed', 'CONNECTION_FORCED - broker is shutting down'],
    ])
  })

  it('does not wait for close-ok for ever', () => {
    run(1)
    session.close(new AmqpError('CONNECTION_FORCED', 'bye'), 1000)
    expect(session.wakeAt).toBe(31_000)
    session.tick(31_000)
    expect(session.at).toBe('closed')
  })

  it('hears nothing more after a frame that cannot be cut', () => {
    run(1)
    session.receive(Buffer.from('01000100000000cd', 'hex'), 0)
    expect(heard()).toMatchObject([['connection.close', 0, { replyCode: 501 }]])
    session.receive(bytesOf(0, ConnectionCloseOk, {}), 0)
    expect(session.at).toBe('closing')
    const held = session.heldBytes
    session.receive(Buffer.alloc(1_000_000), 0)
    expect(session.heldBytes).toBe(held)
    session.tick(30_000)
    expect(session.at).toBe('closed')
  })

  it('the network ends', () => {
    run(1)
    session.ended('reset by peer')
    session.ended('again')
    expect(told).toEqual([['closed', 'reset by peer']])
    session.receive(publish(1, 'late'), 0)
    session.tick(1e9)
    expect(session.wakeAt).toBeUndefined()
    expect(told).toHaveLength(1)
  })

  it('hands on what a client may say later', () => {
    run()
    say(0, ConnectionUpdateSecret, { newSecret: Buffer.from('new'), reason: 'expired' })
    expect(told).toEqual([
      ['connection.update-secret', 0, { newSecret: Buffer.from('new'), reason: 'expired' }],
    ])
  })

  it('lets an error through that is a fault of ours', () => {
    run(1)
    const broken = new Session(
      { limits, properties, mechanisms, begin: () => exchange },
      {
        ...events,
        open: () => {
          throw new TypeError('ours')
        },
      },
      0,
    )
    session = broken
    startOk()
    session.authenticated({ at: 'done', principal: ann }, 0)
    say(0, ConnectionTuneOk, tuning)
    expect(() => say(0, ConnectionOpen, { virtualHost: '/' })).toThrow('ours')
  })
})

describe('heartbeats (specification section 4.2.7)', () => {
  it('are sent when nothing else is', () => {
    run()
    expect(session.wakeAt).toBe(30_000)
    session.tick(29_999)
    expect(heard(29_999)).toEqual([])
    session.tick(30_000)
    expect(heard(30_000)).toEqual([['type 8', 0]])
    expect(session.wakeAt).toBe(60_000)
  })

  it('gives up a silent peer', () => {
    run()
    const to = new Writer()
    writeHeartbeat(to)
    session.receive(Buffer.concat(to.finish()), 50_000)
    session.tick(169_999)
    expect(session.at).toBe('running')
    session.tick(170_000)
    expect(told).toEqual([['closed', 'no sign of life for two heartbeats of 60 s']])
  })

  it('are off when the client wants none', () => {
    logIn({ ...tuning, heartbeat: 0 })
    say(0, ConnectionOpen, { virtualHost: '/' })
    expect(session.wakeAt).toBeUndefined()
  })
})

describe('damaged streams', () => {
  const stream = Buffer.concat([
    bytesOf(1, QueueDeclare, { queue: 'q', durable: true, arguments: new Map([['x-max-length', 5]]) }),
    publish(1, 'hello'),
    bytesOf(1, BasicAck, { deliveryTag: 1 }),
    bytesOf(1, ChannelClose, { replyCode: 200, replyText: '', ...ids }),
  ])

  it('end in a close, or are read, whichever bit is wrong', () => {
    for (let bit = 0; bit < stream.length * 8; bit++) {
      const damaged = Buffer.from(stream)
      damaged.writeUInt8(damaged.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3)
      session = new Session({ limits, properties, mechanisms, begin: () => exchange }, events, 0)
      run(1)
      session.receive(damaged, 0)
      expect(['running', 'closing']).toContain(session.at)
      expect(session.heldBytes).toBeLessThanOrEqual(stream.length)
    }
  })

  it('of noise end in a close', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 8, maxLength: 300 }), noise => {
        session = new Session({ limits, properties, mechanisms, begin: () => exchange }, events, 0)
        run(1)
        session.receive(Buffer.from(noise), 0)
        expect(['running', 'closing']).toContain(session.at)
        expect(session.heldBytes).toBeLessThanOrEqual(300)
      }),
      { seed: 1, numRuns: 200 },
    )
  })
})
