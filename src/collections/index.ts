// The door of collections/: containers for paths on which every message puts something in and takes it out again. A Map or a
// Set of the language makes a new table every so many times and the old one refers to it: once one of them has become old
// for the garbage collector, all that follow are kept with everything that they have ever held until the next full
// collection, and each young collection copies it. These do not.

export { Fifo } from './fifo.ts'
export { RisingMap } from './rising-map.ts'
export { SlotMap } from './slot-map.ts'
