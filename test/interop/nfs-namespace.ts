// A network of its own for programs that must have their fixed ports (the portmapper's is 111), and a /run of its own for
// their sockets: made with `unshare`, entered with `nsenter`, gone with the last process in it.

import { createInterface } from 'node:readline'
import { execute, launch, type Program } from './processes.ts'

/** rpcbind changes to this user, which its package would make. */
const RPCBIND_USER = '_rpc:x:65533:65534::/run/rpcbind:/usr/sbin/nologin'
const script = [
  'set -e',
  'ip link set lo up',
  'mount -t tmpfs tmpfs /run',
  'mkdir /run/rpcbind',
  `(grep -v ^_rpc: /etc/passwd; echo '${RPCBIND_USER}') > /run/passwd`,
  'mount --bind /run/passwd /etc/passwd',
  'echo ready',
  'exec cat',
].join('\n')

export interface Namespace extends Disposable {
  /** The same program, run inside. */
  inside(program: Program): Program
}

/** Errors: why there can be none, such as that only root may make one. */
export async function openNamespace(): Promise<Namespace> {
  const { code, stderr } = await execute({ command: 'unshare', args: ['--net', '--mount', 'true'] })
  if (code !== 0) throw new Error(`no network of its own: ${stderr.trim()}`)
  const holder = launch({ command: 'unshare', args: ['--net', '--mount', 'sh', '-c', script] })
  if (holder.stdout === null) throw new Error('unshare has no output')
  const { value: said } = await createInterface({ input: holder.stdout })[Symbol.asyncIterator]().next()
  if (said !== 'ready') throw new Error('a network of its own could not be set up')
  const entering = ['--target', String(holder.pid), '--net', '--mount']
  return {
    inside: ({ command, args, cwd = process.cwd(), ...program }) => ({
      ...program,
      command: 'nsenter',
      args: [...entering, `--wd=${cwd}`, command, ...args],
    }),
    [Symbol.dispose]: () => void holder.kill(),
  }
}
