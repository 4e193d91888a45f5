// Calls the ledger without a network: each call is encoded as it would travel, decoded, carried out, and answered in the
// same way. `posthorn idl compile examples/ledger/ledger.x examples/ledger/ledger.ts` made the stubs.
//
//   npx tsx examples/ledger/main.ts

import type { ClientOf, Program, ServerOf } from 'posthorn/rpc'
import { append } from './client.js'
import { LEDGER_V1 } from './ledger.js'
import { makeLedgerServer } from './server.js'

/** A client whose calls go through bytes to a server in the same process. */
function loopback<G extends Program>(program: G, server: ServerOf<G>): ClientOf<G> {
  const procedures = server as Record<string, (value: unknown, call: unknown) => unknown>
  const calls = Object.entries(program.procedures).map(([name, { argument, result }]) => {
    const call = async (value: unknown): Promise<unknown> => {
      const sent = argument.encode(value)
      const given = await procedures[name]?.(argument.decode(sent), undefined)
      const answered = result.encode(given)
      console.log(`${name}: ${sent.length} bytes there, ${answered.length} back`)
      return result.decode(answered)
    }
    return [name, call]
  })
  return Object.fromEntries(calls) as ClientOf<G>
}

const client = loopback(LEDGER_V1, makeLedgerServer())
console.log(await append(client, 'shopping', 'tea', Date.now()))
console.log(await append(client, 'shopping', 'milk', Date.now()))
