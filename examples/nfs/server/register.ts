// Tells the portmapper of this machine where the two programs are, so that clients who are given no port find them, and
// takes it back at the end.

import { connectOnc, type Program } from 'posthorn/rpc'
import { MOUNT_V3 } from '../mount.js'
import { NFS_V3 } from '../nfs.js'
import { PMAP_V2, PORTMAPPER_PORT, protocols } from '../portmapper.js'

const address = `tcp://127.0.0.1:${PORTMAPPER_PORT}`

/** Errors: those of connecting; Error when it has another server for one of the programs. */
export async function register(port: number): Promise<AsyncDisposable> {
  const done: Program[] = []
  const end = async (): Promise<void> => {
    for (const program of done) await unset(program)
  }
  try {
    for (const program of [NFS_V3, MOUNT_V3]) {
      await set(program, port)
      done.push(program)
    }
  } catch (error) {
    await end()
    throw error
  }
  return { [Symbol.asyncDispose]: end }
}

async function set({ name, program, version }: Program, port: number): Promise<void> {
  await using portmapper = await connectOnc(address)
  const mapping = { prog: program, vers: version, prot: protocols.tcp, port }
  if (await portmapper.client(PMAP_V2).SET(mapping)) return
  throw new Error(`the portmapper does not take ${name}: rpcinfo -p shows who has it`)
}

async function unset({ program, version }: Program): Promise<void> {
  await using portmapper = await connectOnc(address)
  await portmapper.client(PMAP_V2).UNSET({ prog: program, vers: version, prot: 0, port: 0 })
}
