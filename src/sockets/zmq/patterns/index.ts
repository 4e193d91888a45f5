// All patterns, by name and number.

import { client, dealer } from './dealer.ts'
import { channel, pair } from './pair.ts'
import type { PatternDefinition } from './pattern.ts'
import { gather, pull } from './pull.ts'
import { push, scatter } from './push.ts'
import { dish, radio } from './radio.ts'
import { rep } from './rep.ts'
import { req } from './req.ts'
import { peer, router, server } from './router.ts'
import { stream } from './stream.ts'
import { pub, xpub } from './xpub.ts'
import { sub, xsub } from './xsub.ts'

export const patterns = {
  pair,
  pub,
  sub,
  req,
  rep,
  dealer,
  router,
  pull,
  push,
  xpub,
  xsub,
  stream,
  server,
  client,
  radio,
  dish,
  gather,
  scatter,
  peer,
  channel,
} as const satisfies Readonly<Record<string, PatternDefinition>>

const byId = new Map<number, PatternDefinition>(Object.values(patterns).map(one => [one.id, one]))

/** The pattern of a type of libzmq's (zmq.h). */
export function patternWithId(id: number): PatternDefinition | undefined {
  return byId.get(id)
}

/** The name of a type in READY, by its number. */
export function typeName(id: number): string {
  return byId.get(id)?.name ?? `type ${id}`
}
