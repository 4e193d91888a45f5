// Debian's rpcbind and two of its daemons, unpacked and not installed, in namespaces of their own for mounts and processes: rpcbind
// wants a user `_rpc` and writes to /run, and the daemons put themselves into the background.

import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { execute, exists, launch, succeed } from './processes.ts'
import { cache } from './tools.ts'

const RPCBIND_PORT = 111
const packages = ['rpcbind', 'rstatd', 'rusersd', 'libwrap0', 'libtirpc3', 'libtirpc-common']
const place = join(cache, 'rpcbind')
const unpacked = join(place, 'root')
const machine = process.arch === 'arm64' ? 'aarch64' : 'x86_64'
/** Of libraries that are not installed. */
const env = { LD_LIBRARY_PATH: join(unpacked, `usr/lib/${machine}-linux-gnu`) }

/** rpcinfo(8). */
const rpcinfo = join(unpacked, 'usr/sbin/rpcinfo')

/** Fetches and unpacks; gives why it cannot be done here, if it cannot. */
export async function unpackDaemons(): Promise<string | undefined> {
  if (process.getuid?.() !== 0) return 'only root can listen at port 111 and mount'
  if (await isTaken(RPCBIND_PORT)) return `port ${RPCBIND_PORT} is taken`
  if (!(await exists('unshare', ['--mount', '--pid', '--fork', 'true'])))
    return 'namespaces are not allowed here'
  if (existsSync(rpcinfo)) return undefined
  mkdirSync(unpacked, { recursive: true })
  const fetch = () =>
    execute({ command: 'apt-get', args: ['-q', 'download', ...packages], cwd: place, timeoutMs: 120_000 })
  const update = () => execute({ command: 'apt-get', args: ['-q', 'update'], timeoutMs: 120_000 })
  const fetched = await fetch()
    .then(async first => (first.code === 0 ? first : update().then(fetch)))
    .catch(() => undefined) // there is no apt-get
  if (fetched?.code !== 0) return `apt-get could not fetch ${packages.join(' ')}`
  for (const file of readdirSync(place).filter(name => name.endsWith('.deb')))
    await succeed({ command: 'dpkg', args: ['-x', file, 'root'], cwd: place })
  return undefined
}

export interface Daemons {
  /** Address of rpcbind's Unix-domain socket. */
  readonly socket: string
  stop(): Promise<void>
}

/** With a socket as standard input they would believe that inetd had started them. */
const apart = '</dev/null >/dev/null 2>&1'

/** The folder that programs see as /run. */
function runFolder(name: string): string {
  const folder = join(place, name)
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(join(folder, 'rpcbind'), { recursive: true })
  return folder
}

/** A shell line that gives its programs a /run of their own, and the user `_rpc`. */
function inside(run: string, then: string): string[] {
  const passwd = join(place, 'passwd')
  const users = readFileSync('/etc/passwd', 'utf8')
  writeFileSync(
    passwd,
    users.includes('\n_rpc:') ? users : `${users}_rpc:x:65533:65534::/run/rpcbind:/bin/false\n`,
  )
  const mounts = `mount --make-rprivate / 2>/dev/null; mount --bind ${passwd} /etc/passwd && mount --bind ${run} /run`
  return ['--mount', '--pid', '--fork', '--kill-child=KILL', 'sh', '-c', `${mounts} && ${then}`]
}

/** Starts rpcbind, with registrations over loopback allowed, and then rstatd and rusersd. */
export async function startDaemons(): Promise<Daemons> {
  const run = runFolder('run')
  const [bind, rstatd, rusersd] = ['sbin/rpcbind', 'usr/sbin/rpc.rstatd', 'usr/sbin/rpc.rusersd'].map(file =>
    join(unpacked, file),
  )
  const waiting = `until ${rpcinfo} -p >/dev/null 2>&1; do sleep 0.05; done`
  const child = launch({
    command: 'unshare',
    args: inside(run, `{ ${bind} -f -i & } && ${waiting}; ${rstatd} ${apart}; ${rusersd} ${apart}; wait`),
    env,
  })
  const socket = join(run, 'rpcbind.sock')
  await whileNot(true)
  return {
    socket: `ipc://${socket}`,
    async stop() {
      await ended(child)
      await whileNot(false)
    },
  }
}

/** Starts rstatd where the socket of another rpcbind is. */
export async function startRstatd(run: string): Promise<{ stop(): Promise<void> }> {
  const rstatd = join(unpacked, 'usr/sbin/rpc.rstatd')
  // Its first process ends at once, so the shell stays for it.
  const child = launch({ command: 'unshare', args: inside(run, `${rstatd} ${apart}; sleep 60`), env })
  return { stop: () => ended(child) }
}

/** A folder to be /run of programs in C, for an rpcbind of ours: its socket goes to `rpcbind.sock` there. */
export function ourRun(): string {
  return runFolder('our-run')
}

/** What rpcinfo(8) prints, with the lines' blanks made one. */
export async function foreignRpcinfo(
  args: readonly string[],
  run?: string,
): Promise<{ code: number | null; lines: string[] }> {
  const program = { command: rpcinfo, args, env, timeoutMs: 20_000 }
  const { code, stdout, stderr } = await execute(
    run === undefined
      ? program
      : { ...program, command: 'unshare', args: inside(run, [rpcinfo, ...args].join(' ')) },
  )
  const lines = `${stdout}${stderr}`.split('\n').map(line => line.trim().replace(/\s+/g, ' '))
  return { code, lines: lines.filter(line => line !== '') }
}

function ended(child: ReturnType<typeof launch>): Promise<void> {
  return new Promise(resolve => {
    child.once('exit', () => resolve())
    child.kill('SIGKILL') // what it has started goes with it
  })
}

/** Waits until rpcbind's port is taken, or free. */
async function whileNot(taken: boolean): Promise<void> {
  for (let tries = 0; (await isTaken(RPCBIND_PORT)) !== taken; tries++) {
    if (tries > 200) throw new Error(`port ${RPCBIND_PORT} is ${taken ? 'free' : 'taken'} still`)
    await new Promise(resolve => setTimeout(resolve, 50))
  }
}

function isTaken(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect({ host: '127.0.0.1', port })
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}
