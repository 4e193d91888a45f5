// One client's connection: its session (session.ts) on a stream, and its channels. What is to be sent in one turn of the
// event loop goes out together at the end of the turn.

import type { SaslExchange, SaslMechanism } from '../../auth/index.ts'
import type { Rights } from '../../broker/access/rights.ts'
import type { FieldTable } from '../../broker/field-value.ts'
import type { Fields, InOf } from '../../bytes/index.ts'
import { type Deferred, deferred } from '../../flow/index.ts'
import { isDisconnect, type Stream } from '../../transport/index.ts'
import type { Timer } from '../../world/index.ts'
import { Blocking } from './blocking.ts'
import { Channel } from './channel.ts'
import type { Closing } from './channels.ts'
import { ConsumerTimeouts } from './consumer-timeouts.ts'
import type { Message } from './content.ts'
import { Credential } from './credential.ts'
import { AmqpError, amqpErrorOf } from './errors.ts'
import type { Content } from './frame.ts'
import type { Client } from './handshake.ts'
import type { Host } from './host.ts'
import type { Serving } from './serving.ts'
import { Session, type SessionEvents } from './session.ts'
import type { Verb } from './verb.ts'
import { verbOf } from './verbs/index.ts'
import {
  type ArgsOf,
  ChannelOpen,
  ConnectionBlocked,
  ConnectionUnblocked,
  ConnectionUpdateSecret,
  ConnectionUpdateSecretOk,
} from './wire/index.ts'
import type { Method } from './wire/method.ts'

export interface ConnectionOptions {
  readonly serving: Serving
  readonly stream: Stream
  readonly listener: string
  /** As administrators see it: the peer's address and ours. */
  readonly name: string
  readonly properties: FieldTable
  readonly mechanisms: readonly SaslMechanism[]
  readonly begin: (mechanism: SaslMechanism) => SaslExchange
}

/** A client that never reads nor ends is cut this long after the connection is closed, in ms. */
const CLOSE_MS = 5000
/**
 * After so many bytes the others get their turn of the event loop. The system hands a socket's bytes over in up to 32
 * reads in a row, and Node runs promises in between: without this a flooding publisher kept everybody else, its own
 * confirms and the consumers of its messages, waiting for 2 MiB of work.
 */
const TURN_BYTES = 65_536

export class Connection implements SessionEvents, Host {
  readonly name: string
  readonly listener: string
  readonly stream: Stream
  readonly serving: Serving
  /** When it began, ms since 1970. */
  readonly since: number
  readonly channels = new Map<number, Channel>()
  readonly counts = { received: 0, sent: 0 }
  readonly #session: Session
  readonly #tells: (() => void)[] = []
  #credential: Credential | undefined
  #timer: Timer | undefined
  /** When the timer ends, ms; infinite for never. */
  #wakesAt = Number.POSITIVE_INFINITY
  readonly #consumerTimeouts: ConsumerTimeouts
  #flushing = false
  #full: Promise<void> | undefined
  #reader: Deferred<void> | undefined
  #held = 0
  readonly #blocking = new Blocking()
  #ended: string | undefined
  #ending: Promise<void> | undefined

  constructor(options: ConnectionOptions) {
    const { serving, stream, properties, mechanisms, begin } = options
    this.serving = serving
    this.stream = stream
    this.name = options.name
    this.listener = options.listener
    this.since = serving.world.now()
    this.#session = new Session(
      { limits: serving.limits, properties, mechanisms, begin },
      this,
      serving.world.monotonic(),
    )
    this.#consumerTimeouts = new ConsumerTimeouts(
      serving.world,
      () => this.channels.values(),
      (channel, error) => this.fail(channel, error),
    )
  }

  get owner(): object {
    return this
  }
  get vhost(): string {
    return this.#session.vhost ?? ''
  }
  get user(): string {
    return this.#session.principal?.name ?? ''
  }
  get rights(): Rights {
    return this.#loggedIn.rights
  }
  get tags(): readonly string[] {
    return this.#loggedIn.tags
  }
  get client(): Client {
    const { client } = this.#session
    if (client === undefined) throw new TypeError('the client is asked for before its start-ok')
    return client
  }
  /** Where the connection is: `running` from open to close. */
  get at() {
    return this.#session.at
  }
  get tuning() {
    return this.#session.tuning
  }
  get isFull(): boolean {
    if (this.#full === undefined && this.#session.unsentBytes >= this.serving.limits.unsentBytesMax)
      this.#flush()
    return this.#full !== undefined
  }
  /** What an alarm does to it: publishing would have to wait, or waits. */
  get alarmState(): 'blocking' | 'blocked' | undefined {
    return this.#blocking.state
  }

  /** Serves the client until one of the two ends the connection. Never rejects. */
  async serve(): Promise<void> {
    this.#setTimer()
    this.#consumerTimeouts.watch()
    let turnBytes = 0
    try {
      for await (const chunk of this.stream.bytes) {
        this.counts.received += chunk.length
        this.#session.receive(chunk, this.#now())
        this.#account()
        this.#flushSoon()
        if (this.#ended !== undefined) break
        const wait = this.#waits()
        if (wait !== undefined) await wait
        turnBytes += chunk.length
        if (turnBytes < TURN_BYTES) continue
        turnBytes = 0
        await new Promise<void>(resolve => {
          setImmediate(resolve) // a turn, not a time: nothing here for World to decide
        })
      }
      this.#session.ended('the client ended the connection')
    } catch (error) {
      this.#broke(error)
    } finally {
      await this.#end()
    }
  }

  /** Closes the connection for the server's sake (320); resolves when it is over. */
  shut(reason: string): void {
    this.#session.close(new AmqpError('CONNECTION_FORCED', reason), this.#now())
    this.#flushSoon()
  }

  /** Ends now. */
  abort(reason: string): void {
    this.#session.ended(reason)
    this.stream.abort()
  }

  /**
   * An alarm began or ended: publishers are told. Whoever keeps to it may go on to consume and to acknowledge; a message
   * waits until it ends, and with it all that comes after it on the connection.
   */
  alarmed(): void {
    const { alarm } = this.serving
    if (!this.#blocking.update(alarm !== undefined && this.at === 'running')) return
    if (this.at !== 'running' || !this.client.capabilities.connectionBlocked) return
    if (this.#blocking.isRaised) this.#session.send(0, ConnectionBlocked, { reason: alarm ?? '' })
    else this.#session.send(0, ConnectionUnblocked, {})
    this.#flushSoon()
  }

  send<F extends Fields>(channel: number, method: Method<F>, args: InOf<F>): boolean {
    const sent = this.#session.send(channel, method, args)
    this.#flushSoon()
    return sent
  }

  sendContent<F extends Fields>(
    channel: number,
    method: Method<F>,
    args: InOf<F>,
    content: Content,
  ): boolean {
    const sent = this.#session.sendContent(channel, method, args, content)
    this.#flushSoon()
    return sent
  }

  fail(channel: number, error: AmqpError): void {
    this.#session.fail(channel, error, this.#now())
    this.#flushSoon()
  }

  channelCloseOk(channel: number): void {
    this.#session.channelCloseOk(channel)
    this.#flushSoon()
  }

  freed(): void {
    this.#wakeReader()
  }

  beforeFlush(tell: () => void): void {
    this.#tells.push(tell)
    this.#flushSoon()
  }

  authenticate(exchange: SaslExchange, response: Buffer): void {
    const step = exchange.step(response)
    if (!(step instanceof Promise)) {
      this.#session.authenticated(step, this.#now())
      return
    }
    void step.then(late => {
      this.#session.authenticated(late, this.#now())
      this.#flushSoon()
      this.#wakeReader()
    })
  }

  open(vhost: string): void {
    this.#keepCredential()
    const refusal = this.#refusalOf(vhost)
    if (refusal === undefined) this.#session.openOk(this.#now())
    else this.#session.close(refusal, this.#now())
    this.#flushSoon()
  }

  channelOpening(): void {
    const { broker } = this.serving
    try {
      broker.userLimits.checkChannels(this.user, () => this.serving.channelsOf(this.user))
    } catch (error) {
      throw new AmqpError('NOT_ALLOWED', amqpErrorOf(error).error.message, ChannelOpen)
    }
  }

  channelOpened(number: number): void {
    this.serving.metrics.channelsOpened++
    this.channels.set(number, new Channel(number, this))
  }

  method(number: number, method: Method, args: object): void {
    if (number === 0) {
      // Blocked and unblocked of a client mean nothing to a server.
      if (method === ConnectionUpdateSecret) this.#updateSecret(args as ArgsOf<typeof ConnectionUpdateSecret>)
      return
    }
    const verb = verbOf(method)
    if (verb === undefined) throw new AmqpError('COMMAND_INVALID', 'unimplemented method', method)
    this.channels.get(number)?.run(verb, args)
  }

  content(number: number, message: Message): void {
    const verb = verbOf(message.method)
    if (verb === undefined) throw new AmqpError('COMMAND_INVALID', 'unimplemented method', message.method)
    if (this.#blocking.published()) this.alarmed()
    this.channels.get(number)?.run(this.#blocking.isRaised ? this.#whenLifted(verb) : verb, message)
  }

  #whenLifted(verb: Verb): Verb {
    return this.#blocking.whenLifted(verb, () => this.#ended !== undefined)
  }

  channelClosing(number: number, { by }: Closing): void {
    const channel = this.channels.get(number)
    if (by === 'client') channel?.closeInTurn(() => this.channelCloseOk(number))
    else channel?.close(() => {})
  }

  channelClosed(number: number): void {
    this.serving.metrics.channelsClosed++
    this.channels.delete(number)
  }

  closing({ by, code, text }: Closing): void {
    if (by === 'server')
      this.serving.report.info('a connection is closed', { connection: this.name, code, reason: text })
    this.#closeChannels(by === 'client', () => {
      if (by !== 'client') return
      this.#session.closeOk()
      this.#flushSoon()
    })
  }

  closed(reason: string): void {
    this.#ended = reason
    this.#flushSoon()
    this.#wakeReader()
  }

  #now(): number {
    return this.serving.world.monotonic()
  }

  get #loggedIn(): Credential {
    if (this.#credential === undefined) throw new TypeError('rights are asked for before connection.open')
    return this.#credential
  }

  #keepCredential(): void {
    const { principal } = this.#session
    const { broker } = this.serving
    if (principal === undefined) throw new TypeError('connection.open came before the login')
    this.#credential = new Credential(principal, { broker, onExpired: () => this.#expired() })
  }

  #expired(): void {
    this.#session.close(new AmqpError('ACCESS_REFUSED', 'credential expired'), this.#now())
    this.#flushSoon()
  }

  /** Errors: NOT_ALLOWED, in RabbitMQ's words. */
  #updateSecret({ newSecret, reason: given }: ArgsOf<typeof ConnectionUpdateSecret>): void {
    const { report } = this.serving
    const reason = this.#loggedIn.update(newSecret.toString('utf8'))
    if (reason !== undefined) {
      report.info('a new secret was refused', { connection: this.name, reason })
      throw new AmqpError(
        'NOT_ALLOWED',
        'New secret was refused by one of the backends',
        ConnectionUpdateSecret,
      )
    }
    report.debug('a secret was updated', { connection: this.name, reason: given })
    this.send(0, ConnectionUpdateSecretOk, {})
  }

  /** Why the user may not enter the virtual host. */
  #refusalOf(vhost: string): AmqpError | undefined {
    const { broker } = this.serving
    if (!broker.vhosts.has(vhost)) return new AmqpError('NOT_ALLOWED', `vhost ${vhost} not found`)
    if (!this.rights.mayEnter(vhost))
      return new AmqpError('NOT_ALLOWED', `access to vhost '${vhost}' refused for user '${this.user}'`)
    try {
      broker.vhosts.checkConnections(vhost, this.serving.connectionsIn(vhost))
      broker.userLimits.checkConnections(this.user, () => this.serving.connectionsOf(this.user))
    } catch (error) {
      return new AmqpError('NOT_ALLOWED', amqpErrorOf(error).error.message)
    }
    return undefined
  }

  /** What must happen before more is read: methods under way, room on the disk, room in the peer's buffers. */
  #waits(): Promise<unknown> | undefined {
    const room = this.serving.broker.pressure.room()
    if (room === undefined && this.#full === undefined && !this.#isBusy) return undefined
    return this.#waitUntilFree(room)
  }

  get #isBusy(): boolean {
    if (this.#session.isPaused) return true
    for (const channel of this.channels.values()) if (channel.isBusy) return true
    return false
  }

  async #waitUntilFree(room: Promise<void> | undefined): Promise<void> {
    await room
    while (this.#ended === undefined && (this.#full !== undefined || this.#isBusy)) {
      this.#reader = deferred()
      await this.#reader.promise
    }
    this.#reader = undefined
  }

  /** Whoever reads may look again whether it goes on. */
  #wakeReader(): void {
    this.#reader?.resolve()
  }

  /** Counts what this connection holds in memory towards what all may hold. */
  #account(): void {
    if (this.#ending !== undefined) return // given back already, once and for all
    const { heldBytes } = this.#session
    const total = this.serving.hold(heldBytes - this.#held)
    this.#held = heldBytes
    const most = this.serving.limits.heldBytesMax
    if (total > most)
      this.#session.close(
        new AmqpError(
          'RESOURCE_ERROR',
          `messages of all connections hold ${total} bytes, allowed are ${most}`,
        ),
        this.#now(),
      )
  }

  #flushSoon(): void {
    if (this.#flushing) return
    this.#flushing = true
    queueMicrotask(() => {
      this.#flushing = false
      this.#flush()
    })
  }

  #flush(): void {
    for (const tell of this.#tells.splice(0)) tell()
    const chunks = this.#session.drain(this.#now())
    if (chunks.length > 0) {
      for (const chunk of chunks) this.counts.sent += chunk.length
      this.#wait(this.stream.write(chunks))
    }
    if (this.#ended !== undefined) void this.#end()
    else if ((this.#session.wakeAt ?? Number.POSITIVE_INFINITY) < this.#wakesAt) this.#setTimer()
  }

  /** The peer reads slowly: its consumers get no more until it has room. */
  #wait(full: Promise<void> | undefined): void {
    if (full === undefined || this.#full !== undefined) return
    this.#full = full
    void full.then(() => {
      this.#full = undefined
      for (const channel of this.channels.values()) channel.resume()
      this.#wakeReader()
    })
  }

  /**
   * Set again when the session wants to be woken earlier than it said before: after tune-ok, and while it waits for close-ok.
   * Later needs nothing: with every frame the heartbeat moves on, and a timer that comes too early looks again.
   */
  #setTimer(): void {
    const { wakeAt } = this.#session
    this.#timer?.cancel()
    this.#wakesAt = wakeAt ?? Number.POSITIVE_INFINITY
    if (wakeAt === undefined || this.#ended !== undefined) return
    this.#timer = this.serving.world.after(wakeAt - this.#now(), () => {
      // Nothing is read from a publisher that is blocked: its heartbeats are there, and not seen.
      if (this.#blocking.holds) this.#session.receive(noBytes, this.#now())
      this.#session.tick(this.#now())
      this.#flushSoon()
      this.#setTimer()
    })
  }

  #closeChannels(inTurn: boolean, done: () => void): void {
    let left = this.channels.size
    if (left === 0) done()
    const closed = (channel: Channel): void => {
      this.channels.delete(channel.number)
      if (--left === 0) done()
    }
    for (const channel of [...this.channels.values()])
      inTurn ? channel.closeInTurn(() => closed(channel)) : channel.close(() => closed(channel))
  }

  #broke(error: unknown): void {
    const { report } = this.serving
    const reason = error instanceof Error ? error.message : String(error)
    if (isDisconnect(error)) report.debug('a connection broke', { connection: this.name, reason })
    else
      report.error('a connection met an unexpected error', {
        connection: this.name,
        error: error instanceof Error ? (error.stack ?? reason) : reason,
      })
    this.#session.ended(reason)
  }

  #end(): Promise<void> {
    this.#ending ??= this.#close()
    return this.#ending
  }

  async #close(): Promise<void> {
    this.#timer?.cancel()
    this.#consumerTimeouts.close()
    this.#credential?.end()
    this.#blocking.update(false)
    this.serving.hold(-this.#held)
    this.#held = 0
    this.#closeChannels(false, () => {})
    await this.serving.broker.queues
      .releaseOwner(this)
      .catch(error =>
        this.serving.report.warn('exclusive queues could not be deleted', { error: String(error) }),
      )
    const cut = this.serving.world.after(CLOSE_MS, () => this.stream.abort())
    await this.stream.close()
    cut.cancel()
  }
}

const noBytes = Buffer.alloc(0)
