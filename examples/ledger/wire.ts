// Calls the ledger over ONC RPC: a server and a client that could be two programs, or one of them written in C.
//
//   npx tsx examples/ledger/wire.ts

import { connectOnc, serveOnc, service } from 'posthorn/rpc'
import { append } from './client.js'
import { LEDGER_V1 } from './ledger.js'
import { makeLedgerServer } from './server.js'

await using server = await serveOnc('tcp://127.0.0.1:*', [service(LEDGER_V1, makeLedgerServer())])
console.log(`serving at ${server.address}`)

await using connection = await connectOnc(server.address)
const ledger = connection.client(LEDGER_V1)
console.log(await append(ledger, 'shopping', 'tea', Date.now()))
console.log(await append(ledger, 'shopping', 'milk', Date.now()))
console.log(await ledger.LEDGER_READ('garden'))
