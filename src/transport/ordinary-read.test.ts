// The contract of streams where a runtime cannot read into a buffer of ours: Bun, Deno, a Node to come.

import { vi } from 'vitest'
import { deferred } from '../flow/index.ts'
import { streamContract } from './stream.contract.ts'
import type { DuplexStream } from './stream.ts'
import { connectTcp, listenTcp } from './tcp.ts'

vi.mock('./direct-read.ts', () => ({ readDirectly: () => false, readOrdinarily: () => {} }))

const host = '127.0.0.1'

streamContract('tcp, read in the ordinary way', {
  connect: async ({ halfOpen }) => {
    const accepted = deferred<DuplexStream>()
    const listener = await listenTcp({ host, port: 0, halfOpen }, accepted.resolve)
    const a = await connectTcp({ host, port: listener.port, halfOpen })
    return { a, b: await accepted.promise, release: () => listener.close() }
  },
  halfCloses: true,
  joins: true,
})
