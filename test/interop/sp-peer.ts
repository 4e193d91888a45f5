// A socket of nng or nanomsg in a process of its own, driven by lines (c/nng-peer.c, c/nanomsg-peer.c), compiled when first
// asked for.

import type { ChildProcess } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { execute, exists, launch } from './processes.ts'
import { cache } from './tools.ts'

export type Library = 'nng' | 'nanomsg'

/** The compiled program, or why there is none. */
export type Compiled =
  | { readonly at: 'ready'; readonly program: string }
  | { readonly at: 'missing'; readonly why: string }

/** Compiles the peer of a library. */
export async function compilePeer(library: Library): Promise<Compiled> {
  if (!(await exists('cc', ['--version']))) return { at: 'missing', why: 'there is no C compiler (cc)' }
  mkdirSync(cache, { recursive: true })
  const program = join(cache, `${library}-peer`)
  const source = join(import.meta.dirname, 'c', `${library}-peer.c`)
  const done = await execute({ command: 'cc', args: ['-O1', '-o', program, source, `-l${library}`] })
  if (done.code === 0) return { at: 'ready', program }
  return {
    at: 'missing',
    why: `not compiled, is lib${library}-dev installed? ${done.stderr.trim().slice(0, 200)}`,
  }
}

/** A running peer. One command at a time. */
export class SpPeer {
  readonly #child: ChildProcess
  readonly #lines: AsyncIterator<string>

  constructor(program: string, protocol: string) {
    this.#child = launch({ command: program, args: [protocol] })
    const { stdout } = this.#child
    if (stdout === null) throw new Error(`${program} has no output`)
    this.#lines = createInterface({ input: stdout })[Symbol.asyncIterator]()
  }

  /** Sends the command and gives the answer. Errors: when it ends, or says `error`. */
  async tell(command: string): Promise<string> {
    this.#child.stdin?.write(`${command}\n`)
    const { done, value } = await this.#lines.next()
    if (done === true) throw new Error(`the peer ended at '${command}'`)
    if (value.startsWith('error ')) throw new Error(`the peer says to '${command}': ${value.slice(6)}`)
    return value
  }

  end(): void {
    this.#child.stdin?.end()
    this.#child.kill()
  }
}
