// Kills a writing process and looks whether all that it was promised is there: once more for each round, into the same
// store. It shows that acknowledged writes outlive the process; it cannot show that they outlive the machine.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { batchesOf, type Log, type LogStore, openFileStore } from '../../../log/index.ts'
import { crashFlaw } from './crash-batch.ts'
import type { Finding } from './finding.ts'
import { scriptCommand } from './script.ts'

export interface CrashOptions {
  readonly folder: string
  readonly rounds: number
  /** Acknowledgements after which each writer is killed. */
  readonly acknowledged: number
  readonly signal: AbortSignal
}

interface Acknowledged {
  readonly log: string
  readonly offset: number
  readonly serial: number
}

export interface CrashOutcome {
  readonly rounds: number
  readonly acknowledged: number
  /** Of acknowledged batches: what is wrong with each that is. */
  readonly flaws: readonly string[]
  /** Last words of a writer that ended by itself. */
  readonly failure?: string
}

const READ_BYTES = 1 << 20

/** Runs the rounds. Errors: LogError when the store cannot be opened again, Node's own. */
export async function crashRounds({
  folder,
  rounds,
  acknowledged,
  signal,
}: CrashOptions): Promise<CrashOutcome> {
  const all: Acknowledged[] = []
  let done = 0
  for (; done < rounds && !signal.aborted; done++) {
    const { acks, failure } = await writeAndDie(folder, all.length * 2 + done * 1000, acknowledged, signal)
    all.push(...acks)
    if (failure !== undefined) return { rounds: done, acknowledged: all.length, flaws: [], failure }
    const flaws = await verify(folder, all)
    if (flaws.length > 0) return { rounds: done + 1, acknowledged: all.length, flaws }
  }
  return { rounds: done, acknowledged: all.length, flaws: [] }
}

export function judgeCrash({ rounds, acknowledged, flaws, failure }: CrashOutcome): Finding {
  const check = 'reopen after kill -9'
  if (failure !== undefined)
    return { check, verdict: 'failed', result: 'the writer could not write', meaning: failure }
  if (flaws.length > 0)
    return {
      check,
      verdict: 'failed',
      result: `${flaws.length} of ${acknowledged} acknowledged batches are lost or damaged`,
      meaning: flaws.slice(0, 3).join('; '),
    }
  return {
    check,
    verdict: rounds === 0 ? 'skipped' : 'ok',
    result: `${rounds} kills, all ${acknowledged} acknowledged batches found`,
    meaning: 'what was acknowledged outlives the process',
  }
}

/** Starts a writer, kills it after so many acknowledgements, and gives these. */
async function writeAndDie(folder: string, serial: number, count: number, signal: AbortSignal) {
  const child = startWriter(folder, serial)
  const acks: Acknowledged[] = []
  let words = ''
  child.stderr?.on('data', chunk => {
    words += String(chunk)
  })
  const stop = (): boolean => child.kill('SIGKILL')
  signal.addEventListener('abort', stop)
  const ended = once(child, 'close')
  if (child.stdout !== null)
    for await (const line of createInterface(child.stdout)) {
      const [log = '', offset, number] = line.split(' ')
      if (number !== undefined) acks.push({ log, offset: Number(offset), serial: Number(number) })
      if (acks.length === count) stop()
    }
  const [code] = await ended
  signal.removeEventListener('abort', stop)
  return code === null ? { acks } : { acks, failure: words.trim().slice(-500) || `it ended with ${code}` }
}

function startWriter(folder: string, serial: number): ChildProcess {
  const [program, ...parameters] = scriptCommand('crash-writer', [folder, String(serial)])
  return spawn(program, parameters, { stdio: ['ignore', 'pipe', 'pipe'] })
}

async function verify(folder: string, all: readonly Acknowledged[]): Promise<string[]> {
  const store = await openFileStore({ directory: folder, scrubBytesPerSecond: 0, ballastBytes: 0 })
  try {
    const flaws: string[] = []
    for (const [name, acks] of byLog(all)) flaws.push(...(await verifyLog(store, name, acks)))
    return flaws
  } finally {
    await store.close()
  }
}

async function verifyLog(store: LogStore, name: string, acks: readonly Acknowledged[]): Promise<string[]> {
  const log = await store.open(name)
  const wanted = new Map(acks.map(({ offset, serial }) => [offset, serial]))
  const flaws: string[] = []
  for (let from = log.start; from < log.end; from = await check(log, from, wanted, flaws));
  return [...flaws, ...[...wanted.keys()].map(offset => `${name} has nothing at offset ${offset}`)]
}

/** Takes the batches of one read off `wanted`; gives where to go on. */
async function check(log: Log, from: number, wanted: Map<number, number>, flaws: string[]): Promise<number> {
  const { chunks, next } = await log.read(from, READ_BYTES)
  for (const chunk of chunks)
    for (const batch of batchesOf(chunk)) {
      const serial = wanted.get(batch.baseOffset)
      wanted.delete(batch.baseOffset)
      const flaw = serial === undefined ? batch.flaw() : crashFlaw(batch, serial)
      if (flaw !== undefined) flaws.push(`${log.name} offset ${batch.baseOffset}: ${flaw}`)
    }
  return next
}

function byLog(all: readonly Acknowledged[]): Map<string, Acknowledged[]> {
  const found = new Map<string, Acknowledged[]>()
  for (const one of all) found.set(one.log, [...(found.get(one.log) ?? []), one])
  return found
}
