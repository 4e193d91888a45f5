// Stubs: what stands for a thing of the other side. A stub has no methods of its own; the first time that a name is asked
// for, a function is made that calls it, and stays. So a name costs a Proxy once, and then what a property costs.
//
//   bank.account('7').deposit(5)    the promise of a call is a stub, too: what is called on it travels at once, behind the
//                                   call that it belongs to (promise pipelining)

import type { Import } from '../refs/imports.ts'
import { type Calling, OutgoingCall, type RemoteCallOptions, type Target } from './call.ts'
import { isCallable } from './find.ts'

/** Another way to make a call: what a method of the stub gives at once. */
export type CallMode = (of: StubOf, method: string, args: readonly unknown[]) => unknown

/** What a stub stands for. */
export interface StubOf {
  readonly calling: Calling
  readonly target: Target
  /** Names on the way from the target, each with a dot behind it. */
  readonly prefix: string
  readonly options: RemoteCallOptions
  /** How a call is made, where it is not made the usual way. */
  readonly mode?: CallMode
  /** Kept as long as its methods are. */
  readonly keeps?: object | undefined
}

const stubs = new WeakMap<object, StubOf>()

/** Whether it stands for a thing of another process. */
export function isStub(thing: object): boolean {
  return stubs.has(thing)
}

/** What the stub stands for; undefined when it is none. */
export function stubOf(thing: object): StubOf | undefined {
  return stubs.get(thing)
}

/** A stub of an object. */
export function objectStub(of: StubOf): object {
  const stub = Object.create(members)
  stubs.set(stub, of)
  return stub
}

/** A stub of a function, which can have members, too. */
export function functionStub(of: StubOf): object {
  const name = of.prefix === '' ? '' : of.prefix.slice(0, -1)
  const stub = (...args: unknown[]): unknown => (of.mode ?? start)(of, name, args)
  Object.setPrototypeOf(stub, functionMembers)
  stubs.set(stub, of)
  return stub
}

/** The reference that a stub is, if it is one. */
export function importOf(thing: object): Import | undefined {
  const target = stubs.get(thing)?.target
  return typeof target === 'object' && !(target instanceof OutgoingCall) ? target : undefined
}

/** Makes a call in the usual way. */
export function start(of: StubOf, method: string, args: readonly unknown[]): Promise<unknown> {
  const { calling, target, options } = of
  const semantics = calling.semanticsOf(target, method)
  const call = new OutgoingCall(target, method, args, options, semantics, CallPromise)
  const promise = call.promise as CallPromise
  promise[madeBy] = call
  call.madeBy = calling
  calling.call(call)
  return promise
}

/** Looked up in the prototype chain of every stub, when it has no such member yet. */
const lazily: ProxyHandler<object> = {
  get: (target, name, stub) =>
    typeof name === 'string' && isMethod(name) ? memberOf(stub, name) : Reflect.get(target, name, stub),
  set: (_target, name) => {
    throw new TypeError(`${String(name)} cannot be set: this object stands for one of another process`)
  },
}

function memberOf(stub: object, name: string): unknown {
  const of = stub instanceof CallPromise ? promised(stub) : stubs.get(stub)
  if (of === undefined) return undefined
  const made = functionStub({ ...of, prefix: `${of.prefix}${name}.`, keeps: stub })
  Object.defineProperty(stub, name, { value: made, configurable: true })
  return made
}

function isMethod(name: string): boolean {
  return isCallable(name) && !notMethods.has(name) && !name.includes('.')
}

/** Asked of any object by those who print, compare and convert it. */
const notMethods: ReadonlySet<string> = new Set([
  'asymmetricMatch',
  'hasOwnProperty',
  'isPrototypeOf',
  'nodeType',
  'propertyIsEnumerable',
  'toJSON',
  'toLocaleString',
  'toString',
  'valueOf',
])

const disposal = {
  [Symbol.dispose](this: object): void {
    importOf(this)?.release()
  },
}

const members: object = new Proxy(Object.create(disposal), lazily)
// What every function has (`call`, `apply`, `bind`, `name`, ...) stays what it is.
const functionMembers: object = new Proxy(Object.setPrototypeOf({ ...disposal }, Function.prototype), {
  ...lazily,
  get: (target, name, stub) =>
    typeof name === 'string' && isMethod(name) && !Object.hasOwn(Function.prototype, name)
      ? memberOf(stub, name)
      : Reflect.get(target, name, stub),
})

const madeBy: unique symbol = Symbol('the call of a promise')

/** The promise of a call: also a stub of what the call will give, and the stream that it will give. */
class CallPromise extends Promise<unknown> {
  [madeBy]: OutgoingCall | undefined

  async *[Symbol.asyncIterator](): AsyncGenerator<unknown, void> {
    const given: unknown = await this
    if (typeof given !== 'object' || given === null || !(Symbol.asyncIterator in given))
      throw new TypeError('the call did not give a stream')
    yield* given as AsyncIterable<unknown>
  }
}
Object.setPrototypeOf(CallPromise.prototype, new Proxy(Promise.prototype, lazily))
// What is derived of it, and `await`, deal with a plain promise; and what every promise has is not looked for in the Proxy.
Object.defineProperties(CallPromise.prototype, {
  constructor: { value: Promise },
  // biome-ignore lint/suspicious/noThenProperty: it is a promise
  then: { value: Promise.prototype.then },
  catch: { value: Promise.prototype.catch },
  finally: { value: Promise.prototype.finally },
})

/** What a call will give, as something to make calls on. */
function promised(promise: CallPromise): StubOf | undefined {
  const call = promise[madeBy]
  if (call?.madeBy === undefined) return undefined
  promise.then(undefined, () => {}) // who calls on it hears of its failure by that call
  return { calling: call.madeBy, target: call, prefix: '', options: {} }
}
