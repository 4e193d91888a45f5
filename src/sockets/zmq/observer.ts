// Observers of a socket (`socket.events`): its events one by one, or to listeners; not both, as in the original.

import { EventEmitter } from 'node:events'
import { hold, release } from '../../world/keep-alive.ts'
import { ZmqError } from './errors.ts'
import type { ZmqEvent, ZmqEventType } from './events.ts'
import { zmqLimits } from './limits.ts'
import { coreOf, type Socket } from './socket.ts'

export type Event = ZmqEvent
export type EventType = ZmqEventType
export type EventOfType<E extends EventType = EventType> = Extract<ZmqEvent, { readonly type: E }>

/** Where listeners are added, as an observer is one. */
export interface EventSubscriber {
  on<E extends EventType>(type: E, listener: (data: EventOfType<E>) => void): EventSubscriber
  off<E extends EventType>(type: E, listener: (data: EventOfType<E>) => void): EventSubscriber
}

interface Reader {
  readonly resolve: (event: ZmqEvent) => void
  readonly reject: (error: Error) => void
}

export class Observer implements EventSubscriber {
  readonly #unobserve: () => void
  #emitter: EventEmitter | undefined
  #events: ZmqEvent[] = []
  #reader: Reader | undefined
  #state: 'open' | 'closed' = 'open'

  /** It is not necessary to make one: `socket.events` is there. */
  constructor(socket: Socket) {
    this.#unobserve = coreOf(socket).observe(event => this.#happened(event))
  }

  get closed(): boolean {
    return this.#state === 'closed'
  }

  #happened(event: ZmqEvent): void {
    if (this.#emitter !== undefined) this.#emitter.emit(event.type, event)
    else if (this.#reader !== undefined) {
      this.#reader.resolve(event)
      this.#reader = undefined
      release()
    } else {
      if (this.#events.length >= zmqLimits.eventsMax) this.#events.shift()
      this.#events.push(event)
    }
    if (event.type === 'end') this.#end()
  }

  #end(): void {
    this.#state = 'closed'
    if (this.#emitter !== undefined) release()
    this.#unobserve()
  }

  /** The next event. Errors: ZmqError EBADF, EBUSY, EAGAIN when it is closed meanwhile; after `on` it may not be called. */
  receive(): Promise<ZmqEvent> {
    if (this.#emitter !== undefined)
      throw new Error(
        'Observer is in event emitter mode. After a call to events.on() it is not possible to read events with events.receive().',
      )
    const event = this.#events.shift()
    if (event !== undefined) return Promise.resolve(event)
    if (this.closed) return Promise.reject(new ZmqError('EBADF'))
    if (this.#reader !== undefined)
      return Promise.reject(
        new ZmqError('EBUSY', {
          text: 'Observer is busy; only one receive operation may be in progress at any time',
        }),
      )
    return new Promise((resolve, reject) => {
      this.#reader = { resolve, reject }
      hold()
    })
  }

  on<E extends EventType>(type: E, listener: (data: EventOfType<E>) => void): this {
    if (this.#emitter === undefined) {
      this.#emitter = new EventEmitter()
      if (!this.closed) hold()
      for (const event of this.#events) this.#later(event)
      this.#events = []
    }
    this.#emitter.on(type, listener)
    return this
  }

  /** Events from before the first listener: other listeners may be added in this turn. */
  #later(event: ZmqEvent): void {
    queueMicrotask(() => this.#emitter?.emit(event.type, event))
  }

  off<E extends EventType>(type: E, listener: (data: EventOfType<E>) => void): this {
    this.#emitter?.off(type, listener)
    return this
  }

  /** Idempotent. */
  close(): void {
    if (this.closed) return
    this.#end()
    this.#reader?.reject(new ZmqError('EAGAIN'))
    if (this.#reader !== undefined) release()
    this.#reader = undefined
  }

  [Symbol.asyncIterator](): AsyncIterator<ZmqEvent, undefined> {
    return {
      next: async () => {
        if (this.closed && this.#events.length === 0) return { done: true, value: undefined }
        try {
          return { done: false, value: await this.receive() }
        } catch (error) {
          if (this.closed) return { done: true, value: undefined }
          throw error
        }
      },
    }
  }
}
