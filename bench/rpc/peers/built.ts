// The build under test, which is named in the environment.

import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

type Rpc = typeof import('../../../src/rpc/index.ts')

/** Posthorn's RPC, as built. */
export async function load(): Promise<Rpc> {
  const dist = process.env.POSTHORN_BENCH_DIST ?? ''
  return (await import(pathToFileURL(join(dist, 'rpc', 'index.js')).href)) as Rpc
}
