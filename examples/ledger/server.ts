// The server of ledger.x: what each procedure does. ledger.ts is made by: posthorn idl compile ledger.x ledger.ts

import { type LEDGER_V1_server, type ledger_item, ledger_status } from './ledger.js'

const LENGTH_MAX = 10_000

/** A server with lists of its own. */
export function makeLedgerServer(): LEDGER_V1_server {
  const lists = new Map<string, ledger_item[]>()
  return {
    LEDGER_NULL: () => undefined,

    LEDGER_APPEND({ list, items }) {
      const found = lists.get(list) ?? []
      if (found.length + items.length > LENGTH_MAX) return { status: ledger_status.LEDGER_FULL }
      found.push(...items)
      lists.set(list, found)
      return { status: ledger_status.LEDGER_OK, length: found.length }
    },

    LEDGER_READ(list) {
      const items = lists.get(list)
      return items === undefined
        ? { status: ledger_status.LEDGER_UNKNOWN }
        : { status: ledger_status.LEDGER_OK, items }
    },
  }
}
