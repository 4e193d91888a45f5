// Health checks, after the custom of Kubernetes: /livez says that the process turns, /readyz whether it serves (200 or
// 503), with ?verbose part by part. They name parts and states, never causes, paths or versions: those are in the log.

import type { Broker } from '../broker/index.ts'
import type { Amqp } from '../heads/amqp091/index.ts'
import type { Kafka } from '../heads/kafka/index.ts'
import type { LogStore } from '../log/index.ts'
import type { HttpResponse } from '../transport/index.ts'
import type { Life, Phase } from './phase.ts'
import type { OpenListener } from './running.ts'

/** What health and metrics look at; parts appear as they are opened. */
export interface Served {
  readonly life: Life
  readonly listeners: readonly OpenListener[]
  readonly store?: LogStore
  readonly broker?: Broker
  readonly head?: Kafka
  readonly amqp?: Amqp
}

interface Check {
  readonly name: string
  readonly ok: boolean
  readonly state: string
}

export const textType = 'text/plain; charset=utf-8'

/** The process answers: that is all there is to say. */
export function livez(): HttpResponse {
  return { status: 200, type: textType, body: 'ok\n' }
}

/** 200 while clients are served, else 503. */
export function readyz(served: Served, verbose: boolean): HttpResponse {
  const checks = checksOf(served)
  const ok = checks.every(check => check.ok)
  const verdict = ok ? 'ok' : `not ready: ${served.life.phase.at}`
  const lines = checks.map(check => `[${check.ok ? '+' : '-'}] ${check.name} ${check.state}`)
  const body = verbose ? [...lines, verdict] : [verdict]
  return { status: ok ? 200 : 503, type: textType, body: `${body.join('\n')}\n` }
}

function checksOf({ life, listeners, store, amqp }: Served): Check[] {
  const { phase } = life
  const store_ = storeState(phase, store !== undefined)
  return [
    { name: 'store', ok: store_ === 'ok', state: store_ },
    ...[...listeners, ...(amqp?.listeners ?? [])].map(({ name }) => ({
      name: `listener ${name}`,
      ok: phase.at === 'ready',
      state: phase.at === 'ready' ? 'ok' : phase.at,
    })),
  ]
}

/** The store takes appends until the end of draining. */
function storeState(phase: Phase, isOpen: boolean): string {
  if (phase.at === 'failed') return 'failed'
  return isOpen && phase.at !== 'starting' ? 'ok' : 'starting'
}
