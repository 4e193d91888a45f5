// Child processes of a test run: every one is known, has a time limit, and is ended by its pid when the run ends,
// also when it ends badly. Nothing here looks for processes by name.

import { type ChildProcess, spawn } from 'node:child_process'

export interface Finished {
  readonly code: number | null
  readonly stdout: Buffer
  readonly stderr: string
}

export interface Program {
  readonly command: string
  readonly args: readonly string[]
  readonly input?: string | Buffer
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
  /** Ms until it is killed. */
  readonly timeoutMs?: number
}

/** Bytes of output that are kept of one stream. */
const OUTPUT_BYTES_MAX = 64 * 1024 * 1024
const TIMEOUT_MS = 60_000

const alive = new Set<ChildProcess>()

/** Starts a child whose streams are pipes. It is ended with the run. */
export function launch({ command, args, env, cwd }: Program): ChildProcess {
  const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, stdio: 'pipe' })
  alive.add(child)
  child.once('exit', () => alive.delete(child))
  child.once('error', () => alive.delete(child))
  child.stdin?.on('error', () => {})
  return child
}

/** Runs a program to its end. Errors: only when it cannot be started. A killed program has the code null. */
export async function execute(program: Program): Promise<Finished> {
  const child = launch(program)
  const stdout = collected(child, 'stdout')
  const stderr = collected(child, 'stderr')
  child.stdin?.end(program.input ?? '')
  const timer = setTimeout(() => child.kill('SIGKILL'), program.timeoutMs ?? TIMEOUT_MS)
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject)
      child.once('close', resolve)
    })
    return { code, stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr).toString() }
  } finally {
    clearTimeout(timer)
  }
}

/** Runs a program; an exit code other than 0 is an error that shows the end of what it said. */
export async function succeed(program: Program): Promise<Finished> {
  const done = await execute(program)
  if (done.code === 0) return done
  const said = `${done.stderr}\n${done.stdout.subarray(-2000)}`.trim().slice(-1500)
  throw new Error(`${program.command} ${program.args.slice(-1)} ended with ${done.code}: ${said}`)
}

/** Whether the program is there and its `--version` (or other harmless arguments) ends well. */
export async function exists(command: string, args: readonly string[]): Promise<boolean> {
  return execute({ command, args, timeoutMs: 20_000 }).then(
    done => done.code === 0,
    () => false,
  )
}

/** Kills every child that is left, by its pid. */
export function endAll(): void {
  for (const child of alive) child.kill('SIGKILL')
}

/** Ends the children when this process ends, is interrupted, or has run for `limitMs`. */
export function guard(limitMs: number): void {
  process.once('exit', endAll)
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(1))
  setTimeout(() => {
    console.error(`the run took more than ${limitMs / 1000} s and is ended`)
    process.exit(1)
  }, limitMs).unref()
}

function collected(child: ChildProcess, name: 'stdout' | 'stderr'): Buffer[] {
  const chunks: Buffer[] = []
  let bytes = 0
  child[name]?.on('data', (chunk: Buffer) => {
    bytes += chunk.length
    if (bytes <= OUTPUT_BYTES_MAX) chunks.push(chunk)
  })
  return chunks
}
