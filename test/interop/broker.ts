// The broker under test: the built command as a process of its own, on free ports of loopback. POSTHORN_MAIN names
// another build than dist/.

import type { ChildProcess } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { launch } from './processes.ts'

export interface BrokerProcess {
  readonly pid: number
  /** Addresses of each Kafka listener by its name: one a virtual broker. */
  readonly listeners: Readonly<Record<string, readonly string[]>>
  /** The port of each AMQP listener by its name. */
  readonly amqp: Readonly<Record<string, number>>
  /** Where the management API is; undefined when it is not served. */
  readonly management: string | undefined
  /** From the start of the process until it said where it is. */
  readonly startMs: number
  /** SIGTERM; resolves with the exit code. */
  stop(): Promise<number | null>
  /** SIGKILL; resolves when the process is gone. */
  kill(): Promise<void>
  /** What it wrote to stderr, its last part. */
  said(): string
}

interface Announcement {
  readonly pid: number
  readonly management: string | null
  readonly listeners: readonly { readonly name: string; readonly brokers: readonly string[] }[]
  readonly amqp: readonly { readonly name: string; readonly port: number }[]
}

/** The checkout. */
export const root = join(import.meta.dirname, '..', '..')
const SAID_CHARACTERS = 4000

/** Starts `posthorn serve` and waits until it is ready. Errors: it ended, or `readyMs` are over. */
export async function startBroker(args: readonly string[], readyMs = 20_000): Promise<BrokerProcess> {
  const began = performance.now()
  const child = launch({ command: process.execPath, args: [mainFile(), 'serve', '-o', 'json', ...args] })
  let said = ''
  child.stderr?.on('data', chunk => {
    said = (said + chunk).slice(-SAID_CHARACTERS)
  })
  const gone = new Promise<number | null>(resolve => child.once('exit', resolve))
  const announced = await announcement(child, gone, readyMs).catch(error => {
    child.kill('SIGKILL')
    throw new Error(`${error instanceof Error ? error.message : error}\n${said}`)
  })
  return {
    pid: announced.pid,
    listeners: Object.fromEntries(announced.listeners.map(({ name, brokers }) => [name, brokers])),
    amqp: Object.fromEntries(announced.amqp.map(({ name, port }) => [name, port])),
    management: announced.management ?? undefined,
    startMs: performance.now() - began,
    stop() {
      child.kill('SIGTERM')
      return gone
    },
    async kill() {
      child.kill('SIGKILL')
      await gone
    },
    said: () => said,
  }
}

/** Starts the broker and kills it after `killMs`, ready or not: a crash during recovery. */
export async function interruptStart(args: readonly string[], killMs: number): Promise<void> {
  const child = launch({ command: process.execPath, args: [mainFile(), 'serve', '-o', 'json', ...args] })
  child.stdout?.resume()
  child.stderr?.resume()
  const gone = new Promise(resolve => child.once('exit', resolve))
  const timer = setTimeout(() => child.kill('SIGKILL'), killMs)
  await gone
  clearTimeout(timer)
}

function mainFile(): string {
  return process.env.POSTHORN_MAIN ?? join(root, 'dist', 'cli', 'main.js')
}

function announcement(
  child: ChildProcess,
  gone: Promise<number | null>,
  readyMs: number,
): Promise<Announcement> {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`the broker was not ready within ${readyMs} ms`)), readyMs)
    const settle = (then: () => void): void => {
      clearTimeout(late)
      then()
    }
    void gone.then(code =>
      settle(() => reject(new Error(`the broker ended with ${code} before it was ready`))),
    )
    if (child.stdout === null) throw new Error('the broker has no stdout')
    createInterface(child.stdout).once('line', line =>
      settle(() => resolve(JSON.parse(line) as Announcement)),
    )
  })
}
