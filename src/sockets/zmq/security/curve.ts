// CURVE (RFC 25 and 26, CurveZMQ): C and S are the long-term key pairs of client and server, C' and S' those of one
// connection. The server keeps nothing between HELLO and INITIATE that it could not read from the cookie; here the cookie
// key is one per connection.
//
//   client: HELLO(C') --> WELCOME(S', cookie) --> INITIATE(cookie, C, vouch, metadata) --> READY(metadata)

import { randomBytes } from 'node:crypto'
import { ProtocolError } from '../errors.ts'
import { command, parseCommand, parseMetadata } from '../wire/command.ts'
import { COMMAND, MORE } from '../wire/frame-reader.ts'
import { BoxSeries, generateKeyPair, type KeyPair, open, seal, sharedKey } from './box.ts'
import type { Cipher, Mechanism, MechanismContext, Step } from './mechanism.ts'
import { refusal, refusedByPeer } from './null.ts'

const MESSAGE = command('MESSAGE')
/** Flags inside a MESSAGE: RFC 26 has its own. */
const INNER_MORE = 1
const INNER_COMMAND = 2

export interface CurveClientKeys {
  /** Ours, long-term. */
  readonly client: KeyPair
  /** The server's, long-term. */
  readonly serverKey: Buffer
}

export function curveClient(context: MechanismContext, { client, serverKey }: CurveClientKeys): Mechanism {
  const mine = generateKeyPair()
  const counter = new Counter()
  const toServer = keyOf(serverKey, mine.secretKey)
  let session: Buffer | undefined
  let state: 'hello' | 'initiate' | 'done' = 'hello'

  const hello = (): Buffer => {
    const nonce = counter.next()
    const box = seal(toServer, nonceOf('CurveZMQHELLO---', nonce), Buffer.alloc(64))
    return command('HELLO', Buffer.from([1, 0]), Buffer.alloc(72), mine.publicKey, nonce, box)
  }
  const initiate = (rest: Buffer): Buffer => {
    const plain = open(toServer, nonceOf('WELCOME-', rest.subarray(0, 16)), rest.subarray(16))
    if (rest.length !== 160 || plain === undefined) throw cryptographic('WELCOME')
    const serverTransient = plain.subarray(0, 32)
    session = keyOf(serverTransient, mine.secretKey)
    const vouchNonce = randomBytes(16)
    const vouch = seal(
      keyOf(serverTransient, client.secretKey),
      nonceOf('VOUCH---', vouchNonce),
      Buffer.concat([mine.publicKey, serverKey]),
    )
    const nonce = counter.next()
    const secret = Buffer.concat([client.publicKey, vouchNonce, vouch, context.metadata])
    const box = seal(session, nonceOf('CurveZMQINITIATE', nonce), secret)
    return command('INITIATE', plain.subarray(32), nonce, box)
  }

  return {
    name: 'CURVE',
    begin: () => ({ at: 'wait', send: [hello()] }),
    receive(body) {
      const { name, rest } = parseCommand(body)
      if (name === 'ERROR') return refusedByPeer(rest)
      if (name === 'WELCOME' && state === 'hello') {
        state = 'initiate'
        return { at: 'wait', send: [initiate(rest)] }
      }
      if (name === 'READY' && state === 'initiate' && session !== undefined) {
        state = 'done'
        const plain = open(session, nonceOf('CurveZMQREADY---', rest.subarray(0, 8)), rest.subarray(8))
        if (rest.length < 24 || plain === undefined) throw cryptographic('READY')
        const cipher = new MessageCipher(session, counter, rest.subarray(0, 8), 'client')
        return { at: 'ready', send: [], metadata: parseMetadata(plain), cipher }
      }
      throw unexpected(name)
    },
  }
}

export interface CurveServerKeys {
  /** Ours, long-term. */
  readonly secretKey: Buffer
}

export function curveServer(context: MechanismContext, { secretKey }: CurveServerKeys): Mechanism {
  const mine = generateKeyPair()
  const counter = new Counter()
  const cookieKey = randomBytes(32)
  let peer: Buffer | undefined
  let state: 'hello' | 'initiate' | 'done' = 'hello'

  const welcome = (rest: Buffer): Buffer => {
    if (rest.length !== 194 || rest[0] !== 1 || rest[1] !== 0)
      throw new ProtocolError('ERR_ZMTP_MALFORMED_COMMAND_HELLO', 'a HELLO of CURVE is malformed')
    peer = Buffer.from(rest.subarray(74, 106))
    const key = keyOf(peer, secretKey)
    const zeros = open(key, nonceOf('CurveZMQHELLO---', rest.subarray(106, 114)), rest.subarray(114))
    if (zeros === undefined) throw cryptographic('HELLO')
    const cookieNonce = randomBytes(16)
    const cookie = seal(cookieKey, nonceOf('COOKIE--', cookieNonce), Buffer.concat([peer, mine.secretKey]))
    const nonce = randomBytes(16)
    const box = seal(key, nonceOf('WELCOME-', nonce), Buffer.concat([mine.publicKey, cookieNonce, cookie]))
    return command('WELCOME', nonce, box)
  }
  const admitted = (rest: Buffer): Step => {
    if (peer === undefined || rest.length < 248)
      throw new ProtocolError('ERR_ZMTP_MALFORMED_COMMAND_INITIATE', 'an INITIATE of CURVE is malformed')
    const cookie = open(cookieKey, nonceOf('COOKIE--', rest.subarray(0, 16)), rest.subarray(16, 96))
    if (cookie === undefined || !cookie.subarray(0, 32).equals(peer)) throw cryptographic('INITIATE')
    const nonce = Buffer.from(rest.subarray(96, 104))
    const session = keyOf(peer, mine.secretKey)
    const plain = open(session, nonceOf('CurveZMQINITIATE', nonce), rest.subarray(104))
    if (plain === undefined || plain.length < 128) throw cryptographic('INITIATE')
    const client = plain.subarray(0, 32)
    const vouch = open(
      keyOf(client, mine.secretKey),
      nonceOf('VOUCH---', plain.subarray(32, 48)),
      plain.subarray(48, 128),
    )
    if (vouch === undefined || !vouch.subarray(0, 32).equals(peer)) throw cryptographic('INITIATE')
    const metadata = parseMetadata(plain.subarray(128))
    const ready = (userId: string): Step => {
      const readyNonce = counter.next()
      const box = seal(session, nonceOf('CurveZMQREADY---', readyNonce), context.metadata)
      const cipher = new MessageCipher(session, counter, nonce, 'server')
      return { at: 'ready', send: [command('READY', readyNonce, box)], metadata, cipher, userId }
    }
    if (!context.asksZap) return ready('')
    return {
      at: 'ask',
      question: { mechanism: 'CURVE', credentials: [Buffer.from(client)] },
      answered: verdict => (verdict.status === 200 ? ready(verdict.userId) : refusal(verdict)),
    }
  }

  return {
    name: 'CURVE',
    begin: () => ({ at: 'wait', send: [] }),
    receive(body) {
      const { name, rest } = parseCommand(body)
      if (name === 'HELLO' && state === 'hello') {
        state = 'initiate'
        return { at: 'wait', send: [welcome(rest)] }
      }
      if (name === 'INITIATE' && state === 'initiate') {
        state = 'done'
        return admitted(rest)
      }
      throw unexpected(name)
    },
  }
}

/** Short nonces: eight octets that only grow. */
class Counter {
  #value = 0
  next(): Buffer {
    const nonce = Buffer.alloc(8)
    this.#value++
    nonce.writeUInt32BE(Math.floor(this.#value / 0x1_0000_0000), 0)
    nonce.writeUInt32BE(this.#value >>> 0, 4)
    return nonce
  }
}

class MessageCipher implements Cipher {
  readonly #out: BoxSeries
  readonly #in: BoxSeries
  readonly #counter: Counter
  #lastNonce: Buffer

  /** `lastNonce`: the peer's in its handshake; those of its messages must be larger. */
  constructor(session: Buffer, counter: Counter, lastNonce: Buffer, side: 'client' | 'server') {
    const client = new BoxSeries(session, Buffer.from('CurveZMQMESSAGEC'))
    const server = new BoxSeries(session, Buffer.from('CurveZMQMESSAGES'))
    this.#out = side === 'client' ? client : server
    this.#in = side === 'client' ? server : client
    this.#counter = counter
    this.#lastNonce = Buffer.from(lastNonce)
  }

  seal(flags: number, body: Buffer): Buffer {
    const nonce = this.#counter.next()
    const work = Buffer.allocUnsafeSlow(33 + body.length)
    work[32] = ((flags & MORE) !== 0 ? INNER_MORE : 0) | ((flags & COMMAND) !== 0 ? INNER_COMMAND : 0)
    work.set(body, 33)
    this.#out.seal(nonce, work)
    // The head takes the place that the authenticator's key had: the 16 octets before the tag.
    work.set(MESSAGE, 0)
    work.set(nonce, MESSAGE.length)
    return work
  }

  open(body: Buffer): { readonly flags: number; readonly body: Buffer } {
    if (body.length < 33 || !body.subarray(0, MESSAGE.length).equals(MESSAGE))
      throw new ProtocolError('ERR_ZMTP_MALFORMED_COMMAND_MESSAGE', 'a frame is not a MESSAGE of CURVE')
    const nonce = body.subarray(8, 16)
    if (nonce.compare(this.#lastNonce) <= 0)
      throw new ProtocolError('ERR_ZMTP_INVALID_SEQUENCE', 'the nonce of a MESSAGE does not grow')
    const plain = this.#in.open(nonce, body.subarray(16))
    if (plain === undefined) throw cryptographic('MESSAGE')
    this.#lastNonce = Buffer.from(nonce)
    const flags = plain[0] as number
    return {
      flags: ((flags & INNER_MORE) !== 0 ? MORE : 0) | ((flags & INNER_COMMAND) !== 0 ? COMMAND : 0),
      body: plain.subarray(1),
    }
  }
}

function nonceOf(prefix: string, rest: Buffer): Buffer {
  return Buffer.concat([Buffer.from(prefix, 'latin1'), rest])
}

/** A public key of low order is an attempt at the shared secret. */
function keyOf(publicKey: Buffer, secretKey: Buffer): Buffer {
  try {
    return sharedKey(publicKey, secretKey)
  } catch (cause) {
    throw new ProtocolError('ERR_ZMTP_KEY_EXCHANGE', `a public key is not usable: ${String(cause)}`)
  }
}

function cryptographic(name: string): ProtocolError {
  return new ProtocolError('ERR_ZMTP_CRYPTOGRAPHIC', `the box of a ${name} does not open`)
}

function unexpected(name: string): ProtocolError {
  return new ProtocolError('ERR_ZMTP_UNEXPECTED_COMMAND', `${name} out of order in a handshake of CURVE`)
}
