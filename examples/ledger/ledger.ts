// Made from ledger.x by posthorn idl compile. Do not edit: change the source, and make it again.

import { type ClientOf, program, type ServerOf, type Xdr, xdr } from 'posthorn/rpc'

/** Characters of an item, as bytes in UTF-8. */
export const LEDGER_TEXT_MAX = 255

export const ledger_status = {
  LEDGER_OK: 0,
  LEDGER_FULL: 1,
  LEDGER_UNKNOWN: 2,
} as const
export type ledger_status = (typeof ledger_status)[keyof typeof ledger_status]
export const xdr_ledger_status: Xdr<ledger_status> = xdr.enumeration(ledger_status)

/**
 * One entry of the list.
 *
 * A node of a linked list; lists are arrays, so that 'next' is not needed.
 */
export interface ledger_item {
  readonly text: string
  /** Seconds since 1970. */
  readonly time: bigint
}
export const xdr_ledger_item: Xdr<ledger_item> = xdr.struct({
  text: xdr.string(LEDGER_TEXT_MAX),
  time: xdr.uhyper,
})

export type ledger_list = readonly ledger_item[]
export const xdr_ledger_list: Xdr<ledger_list> = xdr.list(xdr_ledger_item)

export interface ledger_append_args {
  readonly list: string
  readonly items: ledger_list
}
export const xdr_ledger_append_args: Xdr<ledger_append_args> = xdr.struct({
  list: xdr.string(LEDGER_TEXT_MAX),
  items: xdr_ledger_list,
})

/** How many entries the list has now, or why not. */
export type ledger_append_result =
  | { readonly status: typeof ledger_status.LEDGER_OK; readonly length: number }
  | { readonly status: Exclude<ledger_status, typeof ledger_status.LEDGER_OK> }
export const xdr_ledger_append_result: Xdr<ledger_append_result> = xdr.union('status', xdr_ledger_status, [
  xdr.arm([ledger_status.LEDGER_OK], 'length', xdr.uint),
  xdr.otherwise(),
])

export type ledger_read_result =
  | { readonly status: typeof ledger_status.LEDGER_OK; readonly items: ledger_list }
  | { readonly status: Exclude<ledger_status, typeof ledger_status.LEDGER_OK> }
export const xdr_ledger_read_result: Xdr<ledger_read_result> = xdr.union('status', xdr_ledger_status, [
  xdr.arm([ledger_status.LEDGER_OK], 'items', xdr_ledger_list),
  xdr.otherwise(),
])

/** LEDGER_PROGRAM, version 1. */
export const LEDGER_V1 = program({
  name: 'LEDGER_PROGRAM',
  program: 536870913,
  version: 1,
  procedures: {
    /** Does nothing: every program has it, to see whether it is there. */
    LEDGER_NULL: { number: 0, argument: xdr.nothing, result: xdr.nothing },
    /** Adds items to the end of a list. */
    LEDGER_APPEND: { number: 1, argument: xdr_ledger_append_args, result: xdr_ledger_append_result },
    /** All items of the list of this name. */
    LEDGER_READ: { number: 2, argument: xdr.string(), result: xdr_ledger_read_result },
  },
})
export type LEDGER_V1_client = ClientOf<typeof LEDGER_V1>
export type LEDGER_V1_server = ServerOf<typeof LEDGER_V1>
