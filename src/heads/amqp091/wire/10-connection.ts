// Class connection (10): the handshake, the end, and RabbitMQ's blocked, unblocked and update-secret.

import { bit, long, longstr, octet, short, shortstr, table } from './kinds.ts'
import { method } from './method.ts'

export const ConnectionStart = method(
  { class: 10, id: 10, name: 'connection.start', from: 'server' },
  {
    versionMajor: octet(),
    versionMinor: octet(),
    serverProperties: table(),
    mechanisms: longstr(),
    locales: longstr(),
  },
)

export const ConnectionStartOk = method(
  { class: 10, id: 11, name: 'connection.start-ok', from: 'client' },
  { clientProperties: table(), mechanism: shortstr(), response: longstr(), locale: shortstr() },
)

export const ConnectionSecure = method(
  { class: 10, id: 20, name: 'connection.secure', from: 'server' },
  { challenge: longstr() },
)

export const ConnectionSecureOk = method(
  { class: 10, id: 21, name: 'connection.secure-ok', from: 'client' },
  { response: longstr() },
)

export const ConnectionTune = method(
  { class: 10, id: 30, name: 'connection.tune', from: 'server' },
  { channelMax: short(), frameMax: long(), heartbeat: short() },
)

export const ConnectionTuneOk = method(
  { class: 10, id: 31, name: 'connection.tune-ok', from: 'client' },
  { channelMax: short(), frameMax: long(), heartbeat: short() },
)

export const ConnectionOpen = method(
  { class: 10, id: 40, name: 'connection.open', from: 'client' },
  { virtualHost: shortstr(), reserved1: shortstr().default(''), reserved2: bit() },
)

export const ConnectionOpenOk = method(
  { class: 10, id: 41, name: 'connection.open-ok', from: 'server' },
  { reserved1: shortstr().default('') },
)

export const ConnectionClose = method(
  { class: 10, id: 50, name: 'connection.close', from: 'both' },
  { replyCode: short(), replyText: shortstr(), classId: short(), methodId: short() },
)

export const ConnectionCloseOk = method({ class: 10, id: 51, name: 'connection.close-ok', from: 'both' }, {})

export const ConnectionBlocked = method(
  { class: 10, id: 60, name: 'connection.blocked', from: 'both' },
  { reason: shortstr() },
)

export const ConnectionUnblocked = method(
  { class: 10, id: 61, name: 'connection.unblocked', from: 'both' },
  {},
)

export const ConnectionUpdateSecret = method(
  { class: 10, id: 70, name: 'connection.update-secret', from: 'client' },
  { newSecret: longstr(), reason: shortstr() },
)

export const ConnectionUpdateSecretOk = method(
  { class: 10, id: 71, name: 'connection.update-secret-ok', from: 'server' },
  {},
)
