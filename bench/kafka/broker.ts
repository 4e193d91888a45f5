// Apache Kafka as one process that is broker and controller (KRaft), with its defaults but for what one node needs.

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { RunningBroker } from '../posthorn.ts'
import { Probe } from '../probe.ts'
import { end, freePort, launch } from '../programs.ts'
import { javaArgs, runJava } from './jars.ts'

const HEAP = ['-Xms1G', '-Xmx1G']
const READY_MS_MAX = 60_000

/** Formats a folder and starts a broker in it. Ready is when it answers Metadata; formatting is not counted. */
export async function serveKafka(folder: string): Promise<RunningBroker> {
  const [port, controller] = [await freePort(), await freePort()]
  const properties = join(folder, 'server.properties')
  mkdirSync(folder, { recursive: true })
  writeFileSync(properties, settings(join(folder, 'logs'), port, controller))
  const id = (await runJava('kafka.tools.StorageTool', ['random-uuid'])).trim().split('\n').at(-1) ?? ''
  await runJava('kafka.tools.StorageTool', ['format', '-t', id, '-c', properties])
  const began = performance.now()
  const child = launch({ command: 'java', args: javaArgs(HEAP, 'kafka.Kafka', [properties]) })
  child.stdout?.resume()
  child.stderr?.resume()
  while (!(await answers(port))) {
    if (child.exitCode !== null || performance.now() - began > READY_MS_MAX)
      throw new Error(`Kafka did not start on port ${port}`)
    await new Promise(resolve => setTimeout(resolve, 20))
  }
  return { port, child, readyMs: performance.now() - began, close: () => end(child) }
}

async function answers(port: number): Promise<boolean> {
  try {
    const probe = await Probe.open(port, 'none')
    probe.close()
    return true
  } catch {
    return false // nobody listens yet
  }
}

function settings(logs: string, port: number, controller: number): string {
  return `process.roles=broker,controller
node.id=1
listeners=PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controller}
advertised.listeners=PLAINTEXT://127.0.0.1:${port}
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT
controller.quorum.voters=1@127.0.0.1:${controller}
log.dirs=${logs}
offsets.topic.replication.factor=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
group.initial.rebalance.delay.ms=0
`
}
