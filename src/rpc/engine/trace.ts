// Trace context (W3C Trace Context): 00-trace-span-flags, carried in the metadata of calls as `traceparent`. A call that is
// made `within` another belongs to its trace.

import { systemWorld, type World } from '../../world/index.ts'
import type { CallInterceptor } from './interceptors.ts'

const PATTERN = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/

export interface TraceContext {
  readonly trace: string
  readonly span: string
  readonly flags: string
}

/** The parts of a `traceparent`; undefined when it is none (section 3.2.2: then a new trace begins). */
export function parseTrace(traceparent: string | undefined): TraceContext | undefined {
  const [, trace, span, flags] = PATTERN.exec(traceparent ?? '') ?? []
  if (trace === undefined || span === undefined || flags === undefined) return undefined
  return /^0+$/.test(trace) || /^0+$/.test(span) ? undefined : { trace, span, flags }
}

/** A `traceparent` of a new span: in the given trace, or in a new one that is sampled. */
export function nextTrace(traceparent?: string, world: World = systemWorld): string {
  const parent = parseTrace(traceparent)
  const trace = parent?.trace ?? world.randomBytes(16).toString('hex')
  return `00-${trace}-${world.randomBytes(8).toString('hex')}-${parent?.flags ?? '01'}`
}

/** A step for `connect`: each call is a span, of the trace that its metadata names or of a new one. */
export function tracing(world: World = systemWorld): CallInterceptor {
  return (call, next) => {
    const { metadata } = call.options
    const traceparent = nextTrace(metadata?.traceparent, world)
    return next({ ...call, options: { ...call.options, metadata: { ...metadata, traceparent } } })
  }
}
