// Metrics of the process itself: memory, processor, and how late the event loop runs, which is what a broker in one
// thread suffers from first.

import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks'
import type { Family } from './exposition.ts'

/** How often the event loop is looked at, ms. */
const RESOLUTION_MS = 20
const NS_PER_SECOND = 1e9

export class ProcessMetrics {
  readonly #delay: IntervalHistogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS })

  constructor() {
    this.#delay.enable()
  }

  /** The event loop's figures are of the time since the page was last asked for. */
  *families(): Generator<Family> {
    const { rss, heapUsed, external } = process.memoryUsage()
    const { user, system } = process.cpuUsage()
    yield gauge('posthorn_process_resident_memory_bytes', 'Memory of the process in RAM.', rss)
    yield gauge('posthorn_process_heap_bytes', 'Memory in use by JavaScript objects.', heapUsed)
    yield gauge('posthorn_process_external_memory_bytes', 'Memory of buffers and native code.', external)
    yield {
      name: 'posthorn_process_cpu_seconds_total',
      help: 'Processor time of the process.',
      type: 'counter',
      samples: [{ value: (user + system) / 1e6 }],
    }
    yield gauge('posthorn_process_uptime_seconds', 'Age of the process.', process.uptime())
    yield this.#eventLoop()
  }

  close(): void {
    this.#delay.disable()
  }

  #eventLoop(): Family {
    const lag = (ns: number): number => Math.max(0, ns / NS_PER_SECOND - RESOLUTION_MS / 1000)
    const quantiles = [0.5, 0.99].map(quantile => ({
      labels: { quantile },
      value: lag(this.#delay.percentile(quantile * 100)),
    }))
    const samples = [...quantiles, { labels: { quantile: 1 }, value: lag(this.#delay.max) }]
    this.#delay.reset()
    return {
      name: 'posthorn_process_event_loop_lag_seconds',
      help: 'How late timers ran since the last time that this page was asked for, by quantile.',
      type: 'gauge',
      samples,
    }
  }
}

function gauge(name: string, help: string, value: number): Family {
  return { name, help, type: 'gauge', samples: [{ value }] }
}
