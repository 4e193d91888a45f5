// Debian's RabbitMQ as a broker of this run: a folder, a node name and an epmd of its own, all on 127.0.0.1, so that it
// meets no other that may run here. Default settings otherwise; no plugins.

import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import type { RunningBroker } from '../posthorn.ts'
import { end, freePort, launch, outputOf } from '../programs.ts'
import { tree } from '../tree.ts'

/** Debian's wrapper in /usr/sbin changes the user; this is the program behind it. */
const SERVER = '/usr/lib/rabbitmq/bin/rabbitmq-server'
const EPMD = '/usr/bin/epmd'
const READY_MS_MAX = 90_000
const STOP_MS_MAX = 30_000

/** Why there is no RabbitMQ here. */
export function missingRabbitmq(): string | undefined {
  const absent = [SERVER, EPMD].find(path => !existsSync(path))
  return absent && `there is no ${absent}: apt-get install rabbitmq-server`
}

/** Such as '3.10.8'. */
export async function rabbitmqVersion(): Promise<string> {
  const said = await outputOf({ command: 'dpkg-query', args: ['-W', '-f', `\${Version}`, 'rabbitmq-server'] })
  return said.split('-')[0] ?? said
}

/** Starts a broker; ready is when its log says that it is up and the port answers. */
export async function serveRabbitmq(folder: string): Promise<RunningBroker> {
  const [port, distPort, epmdPort] = [await freePort(), await freePort(), await freePort()]
  mkdirSync(folder, { recursive: true })
  const env = {
    HOME: folder,
    ERL_EPMD_PORT: String(epmdPort),
    ERL_EPMD_ADDRESS: '127.0.0.1',
    ERL_CRASH_DUMP: '/dev/null',
    RABBITMQ_NODENAME: `posthorn-bench-${port}@localhost`,
    RABBITMQ_MNESIA_BASE: join(folder, 'mnesia'),
    RABBITMQ_LOG_BASE: join(folder, 'log'),
    RABBITMQ_NODE_IP_ADDRESS: '127.0.0.1',
    RABBITMQ_NODE_PORT: String(port),
    RABBITMQ_DIST_PORT: String(distPort),
    // None there: what stands in /etc is another installation's.
    RABBITMQ_CONFIG_FILE: join(folder, 'rabbitmq.conf'),
    RABBITMQ_ENABLED_PLUGINS_FILE: join(folder, 'enabled_plugins'),
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '-kernel inet_dist_use_interface {127,0,0,1}',
  }
  // Our own, in the foreground: what Erlang starts by itself would outlive us.
  const epmd = launch({ command: EPMD, args: ['-port', String(epmdPort), '-address', '127.0.0.1'], env })
  epmd.stdout?.resume()
  epmd.stderr?.resume()
  const began = performance.now()
  const child = launch({ command: SERVER, args: [], env })
  const said: Buffer[] = []
  child.stdout?.on('data', chunk => said.push(chunk))
  child.stderr?.on('data', chunk => said.push(chunk))
  while (!(Buffer.concat(said).includes('completed with') && (await answers(port)))) {
    if (child.exitCode !== null || performance.now() - began > READY_MS_MAX)
      throw new Error(
        `RabbitMQ did not start on port ${port}:\n${Buffer.concat(said).toString().slice(-1500)}`,
      )
    await new Promise(resolve => setTimeout(resolve, 50))
  }
  return {
    port,
    child,
    readyMs: performance.now() - began,
    async close() {
      await stop(child.pid ?? 0)
      await end(child)
      await end(epmd)
    },
  }
}

/** The script that we started waits for Erlang, and does not pass signals on: each is ended by its own pid. */
async function stop(pid: number): Promise<void> {
  const family = tree(pid)
  for (const one of family) if (nameOf(one) === 'beam.smp') process.kill(one, 'SIGTERM')
  const deadline = performance.now() + STOP_MS_MAX
  while (family.some(isAlive) && performance.now() < deadline)
    await new Promise(resolve => setTimeout(resolve, 50))
  for (const one of family.filter(isAlive)) process.kill(one, 'SIGKILL')
}

function nameOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trim()
  } catch {
    return '' // it has ended
  }
}

/** A zombie is not: its parent is ours to wait for. */
function isAlive(pid: number): boolean {
  try {
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return false
  }
}

function answers(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect({ host: '127.0.0.1', port })
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}
