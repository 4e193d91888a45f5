// Three datagrams from one UDP socket to another:
//
//   npx tsx examples/sockets-datagrams.ts

import { socket } from 'posthorn/sockets'

await using listener = socket('inet', 'datagram')
await listener.bind({ host: '127.0.0.1' })
await using clock = socket('inet', 'datagram')
await clock.connect(listener.localAddress ?? { host: '127.0.0.1', port: 0 })
for (let tick = 1; tick <= 3; tick++) await clock.send(`tick ${tick}`)
for (let tick = 1; tick <= 3; tick++) {
  const { payload, from } = await listener.receive({ timeoutMs: 5000 })
  console.log(`${payload} from ${from.host}`)
}
