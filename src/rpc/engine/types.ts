// What an interface looks like from the other side. `Remote<Api>` follows from the implementation's own type: nothing is
// generated, and nothing is declared twice.
//
//   value                        the same value                    function, ByReference    a Remote, to be released
//   AsyncIterable<T>             an AsyncIterable that can be      Promise<T>               T
//                                read once
//
// The types say what is meant; they are erased, and an untrusted peer may send anything: check what must be checked.

import type { passedByReference } from '../refs/by-reference.ts'
import type { InOut, Out } from '../restore/index.ts'

type AnyFunction = (...args: never[]) => unknown

/** In types only: what a reference stands for. */
declare const referred: unique symbol

/**
 * A reference, as who receives it sees it; `using` releases it. In the parameters of a method it says that the caller gives
 * a T that goes by reference.
 */
export type Ref<T> = Remote<T> & Disposable & { readonly [referred]: T }

/** What is copied as it is. */
type Copied =
  | undefined
  | null
  | boolean
  | number
  | string
  | bigint
  | Date
  | RegExp
  | Error
  | ArrayBuffer
  | ArrayBufferView
  | ReadableStream
  | WritableStream

/** What the other side gets for a value of type T. */
export type Received<T> = T extends Copied
  ? T
  : T extends PromiseLike<infer U>
    ? Received<U>
    : T extends AnyFunction
      ? Ref<T>
      : T extends { readonly [passedByReference]: true }
        ? Ref<T>
        : T extends AsyncIterable<infer U>
          ? AsyncIterable<Received<U>> & AsyncDisposable
          : T extends ReadonlyMap<infer K, infer V>
            ? Map<Received<K>, Received<V>>
            : T extends ReadonlySet<infer U>
              ? Set<Received<U>>
              : T extends object
                ? { [K in keyof T]: Received<T[K]> }
                : T

/** What may be given for a parameter of type T. */
export type Given<T> = T extends { readonly [referred]: infer U }
  ? T | U
  : T extends Copied
    ? T | (T extends object ? InOut<T> | Out<T> : never)
    : T extends AnyFunction
      ? T | GivenFunction<T>
      : T extends AsyncIterable<infer U>
        ? AsyncIterable<U>
        : T extends object
          ? T | Remote<T> | InOut<T> | Out<T>
          : T

/** A callback need not be asynchronous because its caller is. */
type GivenFunction<T> = T extends (...args: infer A) => infer R
  ? (...args: { [I in keyof A]: Received<A[I]> }) => Awaited<R> | Promise<Awaited<R>>
  : never

type GivenAll<A extends readonly unknown[]> = { [I in keyof A]: Given<A[I]> }

/** The promise of a call: of what it gives, and a stub on which calls can be made before it is there. */
export type RemotePromise<T> = Promise<Received<T>> & Pipelined<Awaited<T>>

type Pipelined<T> = T extends { readonly [passedByReference]: true }
  ? RemoteMembers<T>
  : T extends AsyncIterable<infer U>
    ? AsyncIterable<Received<U>>
    : unknown

type RemoteFunction<T> = T extends (...args: infer A) => infer R
  ? (...args: GivenAll<A>) => RemotePromise<R>
  : never

type RemoteMembers<T> = {
  readonly [K in keyof T as K extends string
    ? T[K] extends AnyFunction
      ? K
      : T[K] extends object
        ? K
        : never
    : never]: T[K] extends AnyFunction ? RemoteFunction<T[K]> : RemoteMembers<T[K]>
}

/** A thing of another process: its methods, and those of its objects, each giving a promise. */
export type Remote<T> = (T extends AnyFunction ? RemoteFunction<T> : unknown) & RemoteMembers<T>
