// Good calls and good replies, from which the fuzzer makes bad ones; and bombs, which are bad by plan.

import type { Writer } from '../../../src/bytes/index.ts'
import {
  flavors,
  noAuth,
  type OpaqueAuth,
  type Procedure,
  RPCBIND_V4,
  systemAuth,
  type ValueOf,
} from '../../../src/rpc/index.ts'
import { writeCall, writeReply } from '../../../src/rpc/onc/message.ts'
import { marked, unmarked } from '../../../src/rpc/onc/record.ts'
import { PORTMAP_V2, RPCBIND_V3 } from '../../../src/rpc/rpcbind/programs.ts'
import { deepTree, FUZZED } from './programs.ts'

/** A message without its mark, and what it is. */
export interface Seed {
  readonly name: string
  readonly bytes: Buffer
}

const sys = systemAuth({ stamp: 1, machine: 'desk', uid: 0, gid: 8, gids: [9, 10] })
const tls: OpaqueAuth = { flavor: flavors.tls, body: Buffer.alloc(0) }
const registration = { program: 7, version: 1, netid: 'tcp', address: '127.0.0.1.8.1', owner: '' }
const mapping = { program: 7, version: 1, protocol: 6, port: 2049 }
const relayed = { program: FUZZED.program, version: 1, procedure: 0, argument: Buffer.alloc(0) }
const everything: ValueOf<typeof FUZZED.procedures.EVERYTHING.argument> = {
  ...{ valueOf: -1, constructor: 4_000_000_000, wide: -5n, real: 1.5, single: -0.5, yes: true, colour: 7 },
  ...{
    fixed: Buffer.from('fixed'),
    bytes: Buffer.alloc(33, 1),
    text: 'grüße',
    numbers: [1, 2, 3],
    pair: [-1, 1],
  },
  ...{ names: [{ name: 'a' }, { name: '__proto__' }], maybe: Buffer.alloc(16, 2) },
  choice: { kind: 1, words: ['x', 'yz'] },
}

const { procedures: v1 } = FUZZED
const calls: readonly (readonly [
  { readonly program: number; readonly version: number },
  Procedure,
  unknown,
])[] = [
  [FUZZED, v1.EVERYTHING, everything],
  [FUZZED, v1.TREE, { name: 'root', left: deepTree(5), right: deepTree(3) }],
  [FUZZED, v1.ECHO, Buffer.alloc(500, 3)],
  [FUZZED, v1.LATER, 5],
  [FUZZED, v1.SILENT, 'hush'],
  [FUZZED, v1.LIST, [{ n: 1 }, { n: -1 }]],
  [FUZZED, v1.ARRAY, [1, 2, 3]],
  [PORTMAP_V2, PORTMAP_V2.procedures.SET, mapping],
  [PORTMAP_V2, PORTMAP_V2.procedures.UNSET, mapping],
  [PORTMAP_V2, PORTMAP_V2.procedures.GETPORT, mapping],
  [PORTMAP_V2, PORTMAP_V2.procedures.DUMP, undefined],
  [PORTMAP_V2, PORTMAP_V2.procedures.CALLIT, relayed],
  [RPCBIND_V3, RPCBIND_V3.procedures.SET, registration],
  [RPCBIND_V3, RPCBIND_V3.procedures.GETTIME, undefined],
  [RPCBIND_V4, RPCBIND_V4.procedures.UNSET, registration],
  [RPCBIND_V4, RPCBIND_V4.procedures.GETADDR, registration],
  [RPCBIND_V4, RPCBIND_V4.procedures.GETADDRLIST, registration],
  [RPCBIND_V4, RPCBIND_V4.procedures.INDIRECT, relayed],
  [RPCBIND_V4, RPCBIND_V4.procedures.GETSTAT, undefined],
]

function message(write: (to: Writer) => void): Buffer {
  return unmarked(marked(write))
}

/** Calls that are right. */
export const goodCalls: readonly Seed[] = calls.flatMap(([{ program, version }, procedure, argument], n) =>
  [noAuth, sys, tls].map((credential, m) => ({
    name: `call ${program}/${version}/${procedure.number} flavor ${credential.flavor}`,
    bytes: message(to => {
      writeCall(to, { xid: 100 * n + m, program, version, procedure: procedure.number, credential })
      procedure.argument.write(to, argument)
    }),
  })),
)

/** Replies to call 1 of EVERYTHING, of every outcome. */
export const goodReplies: readonly Seed[] = [
  ['success', { kind: 'success' }],
  ['mismatch', { kind: 'program-mismatch', low: 1, high: 3 }],
  ['garbage', { kind: 'garbage-arguments' }],
  ['rpc', { kind: 'rpc-mismatch', low: 2, high: 2 }],
  ['auth', { kind: 'auth-error', status: 5 }],
].map(([name, outcome]) => ({
  name: `reply ${String(name)}`,
  bytes: message(to => {
    writeReply(to, { xid: 1, outcome: outcome as { kind: 'success' } })
    if (name === 'success') v1.EVERYTHING.result.write(to, everything)
  }),
}))

function bomb(name: string, procedure: number, write: (to: Writer) => void): Seed {
  const { program, version } = FUZZED
  const bytes = message(to => {
    writeCall(to, { xid: 1, program, version, procedure, credential: noAuth })
    write(to)
  })
  return { name, bytes }
}

/** Arguments that cost their reader dearly if he believes them: each must be answered with GARBAGE_ARGS. */
export const bombs: readonly Seed[] = [
  bomb('a tree of a million levels', v1.TREE.number, to => {
    for (let level = 0; level < 1_000_000; level++) {
      to.word(0)
      to.word(1)
    }
  }),
  bomb('a list of a million nodes', v1.LIST.number, to => {
    for (let node = 0; node < 1_000_000; node++) {
      to.word(1)
      to.word(node)
    }
    to.word(0)
  }),
  bomb('an array of a million numbers', v1.ARRAY.number, to => {
    to.word(1_000_000)
    for (let n = 0; n < 1_000_000; n++) to.word(n)
  }),
  bomb('an array that says it has a billion', v1.ARRAY.number, to => to.word(0x4000_0000)),
  bomb('bytes that say they are 4 GB', v1.ECHO.number, to => to.word(0xffff_ffff)),
  bomb('a string that says it is 4 GB', v1.SILENT.number, to => to.word(0xffff_fffe)),
  bomb('a tree with an endless name', v1.TREE.number, to => to.word(0x7fff_ffff)),
]
