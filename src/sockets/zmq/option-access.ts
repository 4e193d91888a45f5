// How options are read and written from outside: types are checked as the original checks them, ranges as libzmq does, and
// what Node has no means for is said.

import { ZmqError } from './errors.ts'
import { frameOf } from './message.ts'
import { type OptionRow, optionWithId, type SocketOptionName } from './options.ts'
import { keyIn, mechanismOf } from './security/choice.ts'
import type { SocketCore } from './socket-core.ts'
import { z85Encode } from './wire/z85.ts'

export type OptionValue = number | boolean | string | Buffer | null

/** Options that are calls (zmq.h). An XPUB that is `manual` has no other way to subscribe. */
const SUBSCRIBE = 6
const UNSUBSCRIBE = 7
const CONNECT_ROUTING_ID = 61

/** Number options that are read only, by libzmq's number. */
const readOnly: Readonly<Record<number, (core: SocketCore) => number | boolean | string | null>> = {
  16: core => core.definition.id,
  32: core => core.lastEndpoint,
  43: core => ['NULL', 'PLAIN', 'CURVE'].indexOf(mechanismOf(core.options)),
  81: core => !core.definition.isMultipart,
}

/** By libzmq's number. Errors: ZmqError EINVAL. */
export function readOption(core: SocketCore, id: number): OptionValue {
  core.checkOpen()
  const special = readOnly[id]
  if (special !== undefined) return special(core)
  const row = optionWithId(id)
  if (row === undefined) throw new ZmqError('EINVAL')
  const value: OptionValue = core.options[row.name]
  return Buffer.isBuffer(value) ? value.toString() : value
}

/** By libzmq's number. Errors: TypeError for another type, ZmqError EINVAL for a value out of range, ENOTSUP. */
export function writeOption(core: SocketCore, id: number, value: unknown): void {
  core.checkOpen()
  if (id === CONNECT_ROUTING_ID) {
    core.connectRoutingId = frameOf(value as string)
    return
  }
  if (id === SUBSCRIBE || id === UNSUBSCRIBE) {
    core.subscribe(id === SUBSCRIBE, frameOf(value as string))
    return
  }
  const row = optionWithId(id)
  if (row === undefined) throw new ZmqError('EINVAL')
  const checked = checkedValue(row, value)
  if (checked === core.options[row.name]) return
  if (row.support === 'refused' && checked !== row.initial)
    throw new ZmqError('ENOTSUP', { text: `Operation not supported: ${row.name} can't be done by Node` })
  if (row.support === 'none' && checked !== row.initial)
    process.emitWarning(`Socket option ${row.name} has no effect: Node has no means for it.`)
  else if (row.isImmediate !== true && core.endpointCount > 0)
    process.emitWarning('Socket option will not take effect until next connect/bind.')
  if (typeof checked === 'number' && checked > Number.MAX_SAFE_INTEGER)
    process.emitWarning(
      'Value is larger than Number.MAX_SAFE_INTEGER and may have been rounded inaccurately.',
    )
  assign(core, row.name, checked)
  if (row.name.includes('HighWaterMark')) core.marksChanged()
}

function assign(core: SocketCore, name: SocketOptionName, value: OptionValue): void {
  ;(core.options as unknown as Record<string, OptionValue>)[name] = value
}

function checkedValue(row: OptionRow, value: unknown): OptionValue {
  switch (row.type) {
    case 'bool':
      if (typeof value !== 'boolean') throw new TypeError('Option value must be a boolean')
      return value
    case 'int': {
      if (typeof value !== 'number') throw new TypeError('Option value must be a number')
      const [min, max] = row.range ?? [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER]
      if (!Number.isInteger(value) || value < min || value > max) throw new ZmqError('EINVAL')
      return value
    }
    case 'string':
      if (value !== null && typeof value !== 'string' && !Buffer.isBuffer(value))
        throw new TypeError('Option value must be a string or buffer')
      return checkedText(row.name, value)
  }
}

function checkedText(name: SocketOptionName, value: string | Buffer | null): string | Buffer | null {
  if (value === null) return null
  if (name.startsWith('curve')) {
    const text = Buffer.isBuffer(value) ? z85Encode(value) : value
    keyIn(text)
    return text
  }
  const length = frameOf(value).length
  if (name === 'routingId' && (length === 0 || length > 255)) throw new ZmqError('EINVAL')
  if (name === 'routingId' || name === 'welcomeMessage')
    return Buffer.isBuffer(value) ? Buffer.from(value) : value
  if ((name === 'plainUsername' || name === 'plainPassword') && length > 255) throw new ZmqError('EINVAL')
  return value.toString()
}
