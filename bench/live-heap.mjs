// Loaded into a broker before anything else (`node --import .../live-heap.mjs?file=PATH`): collects all that is dead every
// few seconds and writes down how many bytes of the heap are alive, a line each.

import { appendFileSync } from 'node:fs'
import { getHeapStatistics, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

const EVERY_MS = 5000

const file = new URL(import.meta.url).searchParams.get('file')
if (file === null) throw new Error('live-heap.mjs: where to write is missing (?file=PATH)')
setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc')

setInterval(() => {
  collect()
  appendFileSync(file, `${getHeapStatistics().used_heap_size}\n`)
}, EVERY_MS).unref()
