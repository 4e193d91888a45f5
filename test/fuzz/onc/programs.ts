// What the fuzzer calls: a program with every kind of type, nested and recursive ones too, and rpcbind.

import { program, type Xdr, xdr } from '../../../src/rpc/index.ts'

interface Tree {
  readonly name: string
  readonly left?: Tree | undefined
  readonly right?: Tree | undefined
}

const tree: Xdr<Tree> = xdr.struct({
  name: xdr.string(20),
  left: xdr.optional(xdr.lazy(() => tree)),
  right: xdr.optional(xdr.lazy(() => tree)),
})

const colour = xdr.enumeration({ RED: 0, GREEN: 7, BLUE: -3 })

const list = xdr.list(xdr.struct({ n: xdr.int }))

const everything = xdr.struct({
  valueOf: xdr.int,
  constructor: xdr.uint,
  wide: xdr.hyper,
  real: xdr.double,
  single: xdr.float,
  yes: xdr.bool,
  colour,
  fixed: xdr.opaque(5),
  bytes: xdr.varOpaque(200),
  text: xdr.string(100),
  numbers: xdr.varArray(xdr.int),
  pair: xdr.array(xdr.short, 2),
  names: xdr.list(xdr.struct({ name: xdr.string() })),
  maybe: xdr.optional(xdr.quadruple),
  choice: xdr.union('kind', xdr.int, [
    xdr.arm([0], 'wide', xdr.uhyper),
    xdr.arm([1, 2], 'words', xdr.varArray(xdr.string(10), 10)),
    xdr.otherwise(),
  ]),
})

export const FUZZED = program({
  name: 'FUZZED_V1',
  program: 0x2000_0066,
  version: 1,
  procedures: {
    EVERYTHING: { number: 1, argument: everything, result: everything },
    TREE: { number: 2, argument: tree, result: tree },
    ECHO: { number: 3, argument: xdr.varOpaque(), result: xdr.varOpaque() },
    LATER: { number: 4, argument: xdr.int, result: xdr.int },
    LIST: { number: 6, argument: list, result: list },
    ARRAY: { number: 7, argument: xdr.varArray(xdr.uint), result: xdr.int },
    SILENT: { number: 5, argument: xdr.string(), result: xdr.nothing },
  },
})

/** A tree as deep as that. */
export function deepTree(depth: number): Tree {
  let made: Tree = { name: 'leaf' }
  for (let at = 1; at < depth; at++) made = { name: 'node', left: made }
  return made
}
