// A client of ledger.x: appends to a list and reads it back. ledger.ts is made by: posthorn idl compile ledger.x ledger.ts

import { type LEDGER_V1_client, ledger_status } from './ledger.js'

/** Appends a text to a list, and gives all its texts. `nowMs` is the time in ms since 1970. */
export async function append(
  client: LEDGER_V1_client,
  list: string,
  text: string,
  nowMs: number,
): Promise<string[]> {
  const item = { text, time: BigInt(Math.floor(nowMs / 1000)) }
  const appended = await client.LEDGER_APPEND({ list, items: [item] })
  if (appended.status !== ledger_status.LEDGER_OK) throw new Error(`${list} is full`)
  const read = await client.LEDGER_READ(list)
  if (read.status !== ledger_status.LEDGER_OK) throw new Error(`there is no list ${list}`)
  return read.items.map(one => one.text)
}
