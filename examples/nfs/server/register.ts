// Tells the portmapper of this machine where the two programs are, so that clients who are given no port find them, and
// takes it back at the end.

import { connectOnc } from 'posthorn/rpc'
import { MOUNT_V3 } from '../mount.js'
import { NFS_V3 } from '../nfs.js'
import { PMAP_V2, PORTMAPPER_PORT, protocols } from '../portmapper.js'

const address = `tcp://127.0.0.1:${PORTMAPPER_PORT}`
const programs = [NFS_V3, MOUNT_V3]

/** Errors: those of connecting; Error when it has another server for one of the programs. */
export async function register(port: number): Promise<AsyncDisposable> {
  for (const { name, program, version } of programs) {
    await using portmapper = await connectOnc(address)
    const mapping = { prog: program, vers: version, prot: protocols.tcp, port }
    if (!(await portmapper.client(PMAP_V2).SET(mapping)))
      throw new Error(`the portmapper does not take ${name}: rpcinfo -p shows who has it`)
  }
  return { [Symbol.asyncDispose]: unregister }
}

async function unregister(): Promise<void> {
  await using portmapper = await connectOnc(address)
  for (const { program, version } of programs)
    await portmapper.client(PMAP_V2).UNSET({ prog: program, vers: version, prot: 0, port: 0 })
}
