// The door of restore/: parameters that are copied to the handler and restored in the caller's own objects. The marked
// parameters of a call are written before all others, so that their nodes are the first ones of the message, 0 to k - 1, on
// both sides:
//   caller:  write them (`write`, or `writeEmpty` for `out`), keep writer.nodes.slice(0), write the other arguments
//   server:  read them, watchParameters(reader.nodes.slice(0)), read the others, run the handler, watch.writeChanges(writer)
//   caller:  readChanges(reader, nodes, emptied).apply(), then read the result with the same reader

export { directionOf, type InOut, inout, markOf, type Out, out } from './marks.ts'
export { type Restoration, readChanges } from './restore.ts'
export { fullBytesOf, ParameterWatch, watchParameters } from './watch.ts'
