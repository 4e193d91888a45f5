// The process that fills a small disk which only it sees (full-disk.ts): plays the story there and says how it went.

import { nodeDisk } from '../../../log/file/node-disk.ts'
import { systemWorld } from '../../../world/index.ts'
import { type FullDiskOutcome, playFullDisk } from './full-disk-story.ts'

const [directory = ''] = process.argv.slice(2)
const outcome: FullDiskOutcome = await playFullDisk(nodeDisk(directory), systemWorld).catch(error => ({
  acknowledged: 0,
  flaws: [`the store failed: ${error instanceof Error ? error.message : error}`],
}))
console.log(JSON.stringify(outcome))
