// Which function a name of the network may reach. Of a plain object: its own members. Of an object of a class: what its classes
// define, up to but not including Object and Function; never its own properties, which are its state. So `constructor`,
// `__proto__`, `call` and their like are never among them, nor is what a class keeps; and none that begins with `_` or `#`,
// which by custom are nobody else's business. Names lead through objects (`users.get`): plain ones, and those that go by
// reference.

import { types } from 'node:util'
import { kindOf, referenceKinds } from '../refs/by-reference.ts'
import { CallError } from './errors.ts'
import { isStub, methodOf } from './stub.ts'

type Method = (...args: readonly unknown[]) => unknown

export interface Found {
  readonly self: unknown
  readonly method: Method
}

/** Where names led before: every call asks, and a search takes four times as long as to see that nothing has changed. */
const before = new WeakMap<object, Map<string, Found>>()

/** The method of a thing by its name; the empty name is the thing itself, a function. Errors: CallError CALL_NO_METHOD. */
export function find(thing: object, name: string): Found {
  const known = before.get(thing)?.get(name)
  if (known !== undefined && (thing as Readonly<Record<string, unknown>>)[name] === known.method) return known
  const found = search(thing, name)
  if (found.self === thing && isPlainData(thing, name)) keep(thing, name, found)
  return found
}

function keep(thing: object, name: string, found: Found): void {
  const names = before.get(thing) ?? new Map<string, Found>()
  before.set(thing, names.set(name, found))
}

/** Whether looking at it runs nothing of the program's own, which is to be asked once for each call. */
function isPlainData(thing: object, name: string): boolean {
  if (types.isProxy(thing) || isStub(thing)) return false
  const owner = ownerOf(thing, name)
  return owner !== undefined && 'value' in (Object.getOwnPropertyDescriptor(owner, name) ?? {})
}

function search(thing: object, name: string): Found {
  if (name === '') {
    if (typeof thing === 'function') return { self: undefined, method: thing as Method }
    throw new CallError('CALL_NO_METHOD', 'it is an object, not a function: call one of its methods')
  }
  let self: object = thing
  let from = 0
  for (let dot = name.indexOf('.'); dot >= 0; dot = name.indexOf('.', from)) {
    const inner = member(self, name.slice(from, dot))
    if (!isPassage(inner)) throw missing(name)
    self = inner
    from = dot + 1
  }
  const method = member(self, from === 0 ? name : name.slice(from))
  if (typeof method !== 'function') throw missing(name)
  return { self, method: method as Method }
}

/** Whether a name of a method, without dots, can be called at all. */
export function isCallable(name: string): boolean {
  const first = name.charCodeAt(0)
  return !(name === '' || first === 0x5f || first === 0x23 || barred.has(name))
}

/** Names of all methods that a thing offers, sorted, with those of its objects behind dots. */
export function methodsOf(thing: object): ReadonlyMap<string, Method> {
  const found = new Map<string, Method>()
  collect(thing, '', found, new Set([thing]))
  return new Map([...found].sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** Names that mean something to the language or to promises wherever they are. */
const barred: ReadonlySet<string> = new Set(['constructor', 'prototype', 'then', '__proto__'])

function member(thing: object, name: string): unknown {
  if (!isCallable(name)) return undefined
  // A reference of somebody else, passed on: its methods are not here to be looked up.
  if (isStub(thing)) return methodOf(thing, name)
  const owner = ownerOf(thing, name)
  return owner && Reflect.get(owner, name, thing)
}

/** Which of the objects whose members may be reached has this one. */
function ownerOf(thing: object, name: string): object | undefined {
  for (let owner = firstOwner(thing); owner !== null && !isFoundation(owner); owner = above(owner))
    if (Object.hasOwn(owner, name)) return owner
  return undefined
}

/** Where the members of a thing begin that may be reached. */
function firstOwner(thing: object): object | null {
  return isPlain(thing) ? thing : above(thing)
}

function above(owner: object): object | null {
  return Object.getPrototypeOf(owner)
}

function isFoundation(owner: object): boolean {
  return owner === Object.prototype || owner === Function.prototype
}

function isPlain(thing: object): boolean {
  const prototype = above(thing)
  return prototype === Object.prototype || prototype === null
}

/** What names may lead through. */
function isPassage(thing: unknown): thing is object {
  if (typeof thing !== 'object' || thing === null) return false
  return isPlain(thing) || isStub(thing) || kindOf(thing) === referenceKinds.object
}

function missing(name: string): CallError {
  return new CallError('CALL_NO_METHOD', name.slice(0, 100))
}

function collect(thing: object, prefix: string, found: Map<string, Method>, seen: ReadonlySet<object>): void {
  for (let owner = firstOwner(thing); owner !== null && !isFoundation(owner); owner = above(owner))
    for (const name of Object.getOwnPropertyNames(owner)) {
      const path = prefix + name
      if (!isCallable(name) || found.has(path)) continue
      const value: unknown = Reflect.get(owner, name, thing)
      if (typeof value === 'function') found.set(path, value as Method)
      else if (isPassage(value) && !seen.has(value))
        collect(value, `${path}.`, found, new Set([...seen, value]))
    }
}
