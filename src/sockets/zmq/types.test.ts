// The declarations against the original's: what a TypeScript program may pass to `zeromq` 6 it may pass here, and what it gets
// there it gets here. Checked by the compiler; expectTypeOf does nothing when it runs.

import { describe, expectTypeOf, it } from 'vitest'
import type * as original from 'zeromq'
import * as ours from './index.ts'

type Theirs = typeof original
type Ours = typeof ours
type SocketName = Exclude<
  {
    [N in keyof Theirs]: Theirs[N] extends new (options?: infer _) => original.Socket ? N : never
  }[keyof Theirs],
  'Socket'
> &
  keyof Ours

/** What the constructor takes; contexts are classes of each package's own. */
type OptionsOf<C> = C extends new (options?: infer O) => unknown ? Omit<NonNullable<O>, 'context'> : never
type InstanceOf<C> = C extends abstract new (...args: never) => infer I ? I : never

/** Names of sockets whose original has a member that ours lacks, or has otherwise. */
type Lacking = {
  [N in SocketName]: Exclude<keyof InstanceOf<Theirs[N]>, keyof InstanceOf<Ours[N]>> extends never ? never : N
}[SocketName]
type OptionsLacking = {
  [N in SocketName]: Exclude<keyof OptionsOf<Theirs[N]>, keyof OptionsOf<Ours[N]>> extends never ? never : N
}[SocketName]
type OptionsRefused = {
  [N in SocketName]: OptionsOf<Theirs[N]> extends OptionsOf<Ours[N]> ? never : N
}[SocketName]
type Calls = 'send' | 'receive' | 'connect' | 'disconnect' | 'bind' | 'unbind' | 'subscribe' | 'unsubscribe'
type Member<I, K> = K extends keyof I ? I[K] : never
type CallsDiffering = {
  [N in SocketName]: {
    [K in Calls & keyof InstanceOf<Theirs[N]>]: Member<InstanceOf<Ours[N]>, K> extends Member<
      InstanceOf<Theirs[N]>,
      K
    >
      ? never
      : `${N}.${K}`
  }[Calls & keyof InstanceOf<Theirs[N]>]
}[SocketName]

/** An event as a program reads it: what its error is an instance of does not matter. */
type Seen<E> = E extends { error: infer X } ? Omit<E, 'error'> & { error: Pick<X, keyof X> } : E
type EventsDiffering = {
  [T in original.EventType]: Seen<ours.EventOfType<T>> extends Seen<original.EventOfType<T>> ? never : T
}[original.EventType]

describe('declarations', () => {
  it('members, options and calls of every class', () => {
    expectTypeOf<SocketName>().not.toBeNever()
    expectTypeOf<Lacking>().toBeNever()
    expectTypeOf<OptionsLacking>().toBeNever()
    expectTypeOf<OptionsRefused>().toBeNever()
    expectTypeOf<CallsDiffering>().toBeNever()
  })

  it('events by name, with what they carry', () => {
    expectTypeOf<Exclude<original.EventType, ours.EventType>>().toBeNever()
    expectTypeOf<EventsDiffering>().toBeNever()
    expectTypeOf<ours.EventOfType<'accept:error'>['error']['code']>().toExtend<string>()
    expectTypeOf<ours.EventOfType<'bind:error'>['error']['errno']>().toBeNumber()
    expectTypeOf<ours.Observer>().toExtend<ours.EventSubscriber>()
  })

  it('types beside the classes', () => {
    expectTypeOf<original.MessageLike>().toExtend<ours.MessageLike>()
    expectTypeOf<ours.Dealer>().toExtend<ours.Writable & ours.Readable>()
    expectTypeOf<ours.Stream>().toExtend<ours.Readable<[ours.Message, ours.Message]>>()
    expectTypeOf<original.RouterConnectOptions>().toExtend<ours.RouterConnectOptions>()
    expectTypeOf<original.StreamConnectOptions>().toExtend<ours.StreamConnectOptions>()
    expectTypeOf<Theirs['capability']>().toExtend<Ours['capability']>()
    expectTypeOf<Ours['capability']>().toExtend<Theirs['capability']>()
    expectTypeOf<Theirs['curveKeyPair']>().toEqualTypeOf<Ours['curveKeyPair']>()
  })

  it('a socket class of a program', () => {
    class Own extends ours.Socket {
      constructor(options?: ours.SocketOptions<Own>) {
        super(ours.capability.draft === true ? 5 : 6, options)
      }
    }
    const own = new Own({ linger: 3 })
    expectTypeOf(own.linger).toBeNumber()
    own.close()
  })
})
