// The door of world/: clock, timers, randomness.

export { type Duration, milliseconds } from './duration.ts'
export { ManualWorld } from './manual.ts'
export { type Reporter, type ReportFields, silent } from './reporter.ts'
export { systemWorld } from './system.ts'
export { randomUuid, type Timer, type World } from './world.ts'
