// Serves a folder over NFS version 3:
//
//   npx tsx examples/nfs/server.ts ~/letters                  at a free port of 127.0.0.1
//   npx tsx examples/nfs/server.ts ~/letters --port 2049
//   npx tsx examples/nfs/server.ts ~/letters --register       and tells the portmapper of this machine
//   npx tsx examples/nfs/server.ts ~/letters --writable       others may change it, too: with all rights that you have
//
// and on Linux:  mount -t nfs -o vers=3,tcp,nolock,port=2049,mountport=2049 127.0.0.1:/export /mnt

import { once } from 'node:events'
import { parseArgs } from 'node:util'
import { register } from './server/register.js'
import { serveFolder } from './server/serve.js'

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    port: { type: 'string', default: '*' },
    name: { type: 'string', default: '/export' },
    writable: { type: 'boolean', default: false },
    register: { type: 'boolean', default: false },
  },
})
const [folder] = positionals
if (folder === undefined) {
  console.error('which folder? npx tsx examples/nfs/server.ts folder')
  process.exit(64)
}

await using server = await serveFolder(folder, {
  address: `tcp://127.0.0.1:${values.port}`,
  exported: values.name,
  writable: values.writable,
  onFault: (title, error) => console.error(`${title}: ${error}`),
})
const port = Number(server.address.slice(server.address.lastIndexOf(':') + 1))
await using _registration = values.register ? await register(port) : undefined
console.log(`serving nfs://127.0.0.1:${port}${values.name}`)

await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')])
