// The door of value/: values of JavaScript as bytes, safe to read from strangers.

export { ValueError, type ValueErrorCode, valueErrors } from './errors.ts'
export { type ValueLimits, valueLimits } from './limits.ts'
export { ValueReader } from './reader.ts'
export type { IncomingReferences, OutgoingReferences, Reference } from './reference.ts'
export { ValueWriter, type ValueWriterOptions } from './writer.ts'
