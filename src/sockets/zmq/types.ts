// Types that `zeromq` 6 exports beside its classes.

import type { Context } from './context.ts'
import type { MessageLike } from './message.ts'

/** One part of what is received. */
export type Message = Buffer

/** Something that can be sent on. */
export interface Writable<
  M extends MessageLike | MessageLike[] = MessageLike | MessageLike[],
  O extends [...object[]] = [],
> {
  send(message: M, ...options: O): Promise<void>
}

/** Something that can be read. */
export interface Readable<M extends object[] = Message[]> {
  receive(): Promise<M>
  [Symbol.asyncIterator](): AsyncIterator<M, undefined>
}

type IfEquals<X, Y, A, B = never> =
  (<T>() => T extends X ? 1 : 2) extends <T>() => T extends Y ? 1 : 2 ? A : B

/** Names of what can be assigned to, without methods. */
type WritableKeys<T> = {
  [P in keyof T]-?: T[P] extends (...args: never[]) => unknown
    ? never
    : IfEquals<{ [Q in P]: T[P] }, { -readonly [Q in P]: T[P] }, P>
}[keyof T]

/** What a constructor takes: every option of the class, and a context. */
export type SocketOptions<S> = Partial<Pick<S, WritableKeys<S>> & { readonly context: Context }>
