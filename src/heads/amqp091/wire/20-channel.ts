// Class channel (20).

import { bit, longstr, short, shortstr } from './kinds.ts'
import { method } from './method.ts'

export const ChannelOpen = method(
  { class: 20, id: 10, name: 'channel.open', from: 'client' },
  { reserved1: shortstr().default('') },
)

export const ChannelOpenOk = method(
  { class: 20, id: 11, name: 'channel.open-ok', from: 'server' },
  { reserved1: longstr().default(Buffer.alloc(0)) },
)

export const ChannelFlow = method(
  { class: 20, id: 20, name: 'channel.flow', from: 'both' },
  { active: bit() },
)

export const ChannelFlowOk = method(
  { class: 20, id: 21, name: 'channel.flow-ok', from: 'both' },
  { active: bit() },
)

export const ChannelClose = method(
  { class: 20, id: 40, name: 'channel.close', from: 'both' },
  { replyCode: short(), replyText: shortstr(), classId: short(), methodId: short() },
)

export const ChannelCloseOk = method({ class: 20, id: 41, name: 'channel.close-ok', from: 'both' }, {})
