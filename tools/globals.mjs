// What stands for the globals of these names in the bundles. Node's own are accessors, which the engine does not look
// through: naming `Buffer` takes 20 ns, and this next to nothing.
import { Buffer as NodeBuffer } from 'node:buffer'
import { performance as nodePerformance } from 'node:perf_hooks'
import nodeProcess from 'node:process'

// Constants, not exports of what is imported: between chunks those are taken for the globals again.
const [GlobalBuffer, globalPerformance, globalProcess] = [NodeBuffer, nodePerformance, nodeProcess]

export { GlobalBuffer as Buffer, globalPerformance as performance, globalProcess as process }
