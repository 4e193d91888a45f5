// A disk that fails on purpose, by a seed:
//
//   const disk = new SimDisk({ seed: 7, crashAt: 120 })
//   ... run a program on it until `await disk.ended` ...
//   const found = disk.restart(8)      // what the next process finds

export { Dice } from './dice.ts'
export { SimDisk, type SimDiskOptions } from './disk.ts'
export { PowerLoss, systemError } from './failures.ts'
export { SECTOR_BYTES } from './inode.ts'
export type { Faults } from './medium.ts'
