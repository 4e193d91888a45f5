// Made from everything.x by posthorn idl compile. Do not edit: change the source, and make it again.

import { type ClientOf, program, type ServerOf, type Xdr, xdr } from 'posthorn/rpc'

export const TEXT_MAX = 64

export const colour = {
  RED: 0,
  GREEN: 7,
  BLUE: -3,
} as const
export type colour = (typeof colour)[keyof typeof colour]
export const xdr_colour: Xdr<colour> = xdr.enumeration(colour)

export interface point {
  readonly x: number
  readonly y: number
}
export const xdr_point: Xdr<point> = xdr.struct({
  x: xdr.int,
  y: xdr.short,
})

export type handle = Uint8Array
export const xdr_handle: Xdr<handle> = xdr.opaque(5)

export type blob = Uint8Array
export const xdr_blob: Xdr<blob> = xdr.varOpaque(40)

export type text = string
export const xdr_text: Xdr<text> = xdr.string(TEXT_MAX)

export type by_number =
  | { readonly kind: 0; readonly wide: bigint }
  | { readonly kind: 1 | 2; readonly words: text }
  | { readonly kind: number; readonly wide?: never; readonly words?: never }
export const xdr_by_number: Xdr<by_number> = xdr.union('kind', xdr.int, [
  xdr.arm([0], 'wide', xdr.hyper),
  xdr.arm([1, 2], 'words', xdr_text),
  xdr.otherwise(),
])

export type by_colour =
  | { readonly hue: typeof colour.RED; readonly at: point }
  | { readonly hue: typeof colour.GREEN }
  | { readonly hue: typeof colour.BLUE; readonly weight: number }
export const xdr_by_colour: Xdr<by_colour> = xdr.union('hue', xdr_colour, [
  xdr.arm([colour.RED], 'at', xdr_point),
  xdr.arm([colour.GREEN]),
  xdr.arm([colour.BLUE], 'weight', xdr.double),
])

export type by_flag =
  | { readonly flag: true; readonly bytes: blob }
  | { readonly flag: false; readonly count: number }
export const xdr_by_flag: Xdr<by_flag> = xdr.union('flag', xdr.bool, [
  xdr.arm([true], 'bytes', xdr_blob),
  xdr.arm([false], 'count', xdr.uint),
])

/** A node of a linked list; lists are arrays, so that 'next' is not needed. */
export interface node {
  readonly name: text
  readonly value: number
}
export const xdr_node: Xdr<node> = xdr.struct({
  name: xdr_text,
  value: xdr.int,
})

export interface tree {
  readonly left?: tree | undefined
  readonly value: number
  readonly right?: tree | undefined
}
export const xdr_tree: Xdr<tree> = xdr.struct({
  left: xdr.optional(xdr.lazy(() => xdr_tree)),
  value: xdr.int,
  right: xdr.optional(xdr.lazy(() => xdr_tree)),
})

export interface everything {
  readonly a: number
  readonly b: number
  readonly c: bigint
  readonly d: bigint
  readonly e: number
  readonly f: number
  readonly g: boolean
  readonly h: colour
  readonly i: number
  readonly j: number
  readonly k: number
  readonly l: number
  readonly m: handle
  readonly n: blob
  readonly o: text
  readonly p: readonly number[]
  readonly q: readonly point[]
  readonly r: by_number
  readonly s: by_colour
  readonly t: by_flag
  readonly u?: point | undefined
  readonly v: readonly node[]
  readonly w: tree
  readonly x: bigint
}
export const xdr_everything: Xdr<everything> = xdr.struct({
  a: xdr.int,
  b: xdr.uint,
  c: xdr.hyper,
  d: xdr.uhyper,
  e: xdr.float,
  f: xdr.double,
  g: xdr.bool,
  h: xdr_colour,
  i: xdr.char,
  j: xdr.uchar,
  k: xdr.short,
  l: xdr.ushort,
  m: xdr_handle,
  n: xdr_blob,
  o: xdr_text,
  p: xdr.array(xdr.int, 3),
  q: xdr.varArray(xdr_point, 4),
  r: xdr_by_number,
  s: xdr_by_colour,
  t: xdr_by_flag,
  u: xdr.optional(xdr_point),
  v: xdr.list(xdr_node),
  w: xdr_tree,
  x: xdr.uhyper,
})

/** EVERYTHING_PROG, version 1. */
export const EVERYTHING_V1 = program({
  name: 'EVERYTHING_PROG',
  program: 536872823,
  version: 1,
  procedures: {
    ECHO: { number: 1, argument: xdr_everything, result: xdr_everything },
  },
})
export type EVERYTHING_V1_client = ClientOf<typeof EVERYTHING_V1>
export type EVERYTHING_V1_server = ServerOf<typeof EVERYTHING_V1>
