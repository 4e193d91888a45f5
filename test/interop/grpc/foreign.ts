// gRPC in Python (grpcio) and in Go (grpc-go's own test cases): installed into the cache of the runs, or missing for a reason.

import type { ChildProcess } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { buildGo } from '../go-program.ts'
import { exists, launch, type Program, succeed } from '../processes.ts'
import { has } from '../report.ts'
import { cache } from '../tools.ts'

/** A program that is a client with the names of cases, and a server with `server`. */
export interface Foreign {
  readonly name: string
  readonly program: Program
}

const INSTALL_MS = 300_000
const folder = join(import.meta.dirname, '..')
const place = join(cache, 'grpc')

/** Errors: why it is not there. */
export async function python(): Promise<Foreign> {
  const environment = join(place, 'python')
  const interpreter = join(environment, 'bin', 'python')
  mkdirSync(place, { recursive: true })
  if (!(await exists(interpreter, ['-c', 'import grpc, grpc_tools']))) {
    await succeed({ command: 'python3', args: ['-m', 'venv', '--clear', environment], timeoutMs: INSTALL_MS })
    const args = ['-m', 'pip', 'install', '-q', 'grpcio==1.85.3', 'grpcio-tools==1.85.1']
    await succeed({ command: interpreter, args, timeoutMs: INSTALL_MS })
  }
  const made = join(place, 'made')
  mkdirSync(made, { recursive: true })
  const from = join(folder, 'grpc')
  const out = ['-I', from, `--python_out=${made}`, `--grpc_python_out=${made}`]
  await succeed({
    command: interpreter,
    args: ['-m', 'grpc_tools.protoc', ...out, join(from, 'testing.proto')],
  })
  return {
    name: 'Python',
    program: {
      command: interpreter,
      args: [join(folder, 'python', 'grpc_peer.py')],
      env: { PYTHONPATH: made },
    },
  }
}

/** Errors: why it is not there. */
export async function go(): Promise<Foreign> {
  const command = join(place, 'go-cases')
  const missing = await buildGo({ source: 'go-grpc', program: command })
  if (missing !== undefined) throw new Error(missing)
  return { name: 'Go', program: { command, args: [] } }
}

/** Runs one case against our server. Errors: what the program said. */
export async function runForeignClient({ program }: Foreign, name: string, address: string): Promise<void> {
  const port = address.slice(address.lastIndexOf(':') + 1)
  const done = await succeed({ ...program, args: [...program.args, port, name], timeoutMs: 20_000 })
  has(done.stdout.toString(), new RegExp(`^passed ${name}$`, 'm'), 'what it printed')
}

/** Starts the server of the program, gives its address, and ends it. */
export async function withForeignServer<T>(
  { program }: Foreign,
  use: (address: string) => Promise<T>,
): Promise<T> {
  const child = launch({ ...program, args: [...program.args, 'server'] })
  try {
    return await use(`tcp://127.0.0.1:${await portOf(child)}`)
  } finally {
    child.kill('SIGKILL')
  }
}

async function portOf(child: ChildProcess): Promise<string> {
  if (child.stdout === null) throw new Error('no output')
  for await (const line of createInterface({ input: child.stdout })) return line.trim()
  throw new Error('the server ended without a word')
}
