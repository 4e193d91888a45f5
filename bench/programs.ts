// Child processes of a run: each is known, and ended by its own pid when the run ends, also when it ends badly.

import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { root } from './places.ts'

const alive = new Set<ChildProcess>()

export interface Program {
  readonly command: string
  readonly args: readonly string[]
  /** Added to our own environment. */
  readonly env?: Readonly<Record<string, string>>
  readonly timeoutMs?: number
  /** Whether stdin is a pipe, too; nothing otherwise. */
  readonly input?: boolean
}

/** Starts a child; stdout and stderr are pipes. */
export function launch({ command, args, env, input = false }: Program): ChildProcess {
  const child = spawn(command, args, {
    cwd: root,
    stdio: [input ? 'pipe' : 'ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  })
  alive.add(child)
  child.once('close', () => alive.delete(child))
  return child
}

/** Runs a program to its end and gives its stdout. Errors: it cannot be started, ends badly, or takes too long. */
export async function outputOf(program: Program): Promise<string> {
  const child = launch(program)
  const [out, err]: [Buffer[], Buffer[]] = [[], []]
  child.stdout?.on('data', chunk => out.push(chunk))
  child.stderr?.on('data', chunk => err.push(chunk))
  const timer = setTimeout(() => child.kill('SIGKILL'), program.timeoutMs ?? 600_000)
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  clearTimeout(timer)
  const said = Buffer.concat(out).toString()
  if (code === 0) return said
  const tail = `${Buffer.concat(err)}\n${said}`.trim().slice(-1500)
  throw new Error(`${program.command} ... ${program.args.slice(-6).join(' ')} ended with ${code}:\n${tail}`)
}

/** Asks the child to end, and waits until it has. */
export async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const closed = new Promise(resolve => child.once('close', resolve))
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), 20_000)
  await closed
  clearTimeout(timer)
}

/** Kills what is left. */
export function endPrograms(): void {
  for (const child of alive) child.kill('SIGKILL')
}

/** Resident memory of a process now, in MB of 2^20 bytes. Linux only. */
export function residentMb(pid: number | undefined): number {
  const match = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))
  return Number(match?.[1] ?? Number.NaN) / 1024
}

/** A port of 127.0.0.1 that nobody listens on. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen({ host: '127.0.0.1', port: 0 }, () => {
      const address = server.address()
      server.close(() => resolve(address !== null && typeof address === 'object' ? address.port : 0))
    })
  })
}
