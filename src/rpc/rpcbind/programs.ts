// Program 100000 (RFC 1833): which programs a machine serves, and where. Version 2 (portmap, section 3) knows TCP and UDP
// ports over IPv4; versions 3 and 4 (rpcbind, section 2) know network ids and universal addresses. UADDR2TADDR and
// TADDR2UADDR are left out: they give the socket addresses of the server's operating system, which nobody else can read.

import { program } from '../program.ts'
import * as xdr from '../xdr/index.ts'
import type { ValueOf } from '../xdr/type.ts'
import { rpcbindLimits } from './limits.ts'

export const RPCBIND_PROGRAM = 100_000
/** Where it listens, over TCP and UDP. */
export const RPCBIND_PORT = 111

const text = xdr.string(rpcbindLimits.textBytesMax)
const payload = xdr.varOpaque(rpcbindLimits.payloadBytesMax)

/** `mapping` of version 2. */
const mapping = xdr.struct({ program: xdr.uint, version: xdr.uint, protocol: xdr.uint, port: xdr.uint })

/** `rpcb` of versions 3 and 4. */
const rpcb = xdr.struct({ program: xdr.uint, version: xdr.uint, netid: text, address: text, owner: text })

/** A call that rpcbind passes on to a program of its machine. */
const relayed = xdr.struct({ program: xdr.uint, version: xdr.uint, procedure: xdr.uint, argument: payload })

/** `rpcb_entry`: one way to a program. `semantics` is 1 for datagrams, 2 and 3 for streams. */
const entry = xdr.struct({
  address: text,
  netid: text,
  semantics: xdr.uint,
  family: text,
  protocol: text,
})

/** `rpcb_stat` of one version: how often each procedure was called, and what came of look-ups and calls passed on. */
const statistics = xdr.struct({
  calls: xdr.array(xdr.int, 13),
  set: xdr.int,
  unset: xdr.int,
  lookUps: xdr.list(
    xdr.struct({ program: xdr.uint, version: xdr.uint, success: xdr.int, failure: xdr.int, netid: text }),
  ),
  relays: xdr.list(
    xdr.struct({
      program: xdr.uint,
      version: xdr.uint,
      procedure: xdr.uint,
      success: xdr.int,
      failure: xdr.int,
      indirect: xdr.int,
      netid: text,
    }),
  ),
})

export const PORTMAP_V2 = program({
  name: 'PMAP_V2',
  program: RPCBIND_PROGRAM,
  version: 2,
  procedures: {
    SET: { number: 1, argument: mapping, result: xdr.bool },
    UNSET: { number: 2, argument: mapping, result: xdr.bool },
    GETPORT: { number: 3, argument: mapping, result: xdr.uint },
    DUMP: { number: 4, argument: xdr.nothing, result: xdr.list(mapping) },
    CALLIT: { number: 5, argument: relayed, result: xdr.struct({ port: xdr.uint, result: payload }) },
  },
})

const common = {
  SET: { number: 1, argument: rpcb, result: xdr.bool },
  UNSET: { number: 2, argument: rpcb, result: xdr.bool },
  GETADDR: { number: 3, argument: rpcb, result: text },
  DUMP: { number: 4, argument: xdr.nothing, result: xdr.list(rpcb) },
  /** CALLIT in version 3, BCAST in version 4: without an answer unless the call succeeds. */
  BCAST: { number: 5, argument: relayed, result: xdr.struct({ address: text, result: payload }) },
  GETTIME: { number: 6, argument: xdr.nothing, result: xdr.uint },
} as const

export const RPCBIND_V3 = program({
  name: 'RPCB_V3',
  program: RPCBIND_PROGRAM,
  version: 3,
  procedures: common,
})

export const RPCBIND_V4 = program({
  name: 'RPCB_V4',
  program: RPCBIND_PROGRAM,
  version: 4,
  procedures: {
    ...common,
    GETVERSADDR: { number: 9, argument: rpcb, result: text },
    /** As BCAST, but failures are answered. */
    INDIRECT: { ...common.BCAST, number: 10 },
    GETADDRLIST: { number: 11, argument: rpcb, result: xdr.list(entry) },
    GETSTAT: { number: 12, argument: xdr.nothing, result: xdr.array(statistics, 3) },
  },
})

/** A program that somebody serves on the machine. */
export type Registration = ValueOf<typeof rpcb>
/** The same in version 2: `protocol` is 6 for TCP, 17 for UDP. */
export type Mapping = ValueOf<typeof mapping>
/** One way to a program. */
export type AddressEntry = ValueOf<typeof entry>
/** What one version of rpcbind was asked. */
export type RpcbindStatistics = ValueOf<typeof statistics>
/** A call that is to be passed on. */
export type RelayedCall = ValueOf<typeof relayed>
