// When V8 has collected.

import { PerformanceObserver } from 'node:perf_hooks'

/** Calls `look` soon after every collection until it is disposed of. */
export function watchCollections(look: () => void): Disposable {
  const observer = new PerformanceObserver(look)
  observer.observe({ entryTypes: ['gc'] })
  return { [Symbol.dispose]: () => observer.disconnect() }
}
