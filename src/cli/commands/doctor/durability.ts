// `posthorn doctor durability`: what a disk promises, measured and tried out in a folder of its own that is removed
// again, and what cannot be found out from here, said as plainly.

import { mkdtempSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { defineCommand } from '../../command.ts'
import { exits } from '../../exit.ts'
import { failure } from '../../serve/failure.ts'
import { crashRounds, judgeCrash } from './crash.ts'
import type { Finding } from './finding.ts'
import { expectation, judgeFlushes, measureFlushes } from './flush.ts'
import { fullDiskFinding } from './full-disk.ts'
import { existingFolder, placeFindings } from './place.ts'
import { storeFinding } from './store.ts'

const SMALL_BYTES = 4096
const LARGE_BYTES = [65_536, 1_048_576] as const
/** Of the time, for each of the large sizes. */
const LARGE_SHARE = 0.25

/** What no program can show of the machine that it runs on. */
const beyond: readonly Finding[] = [
  {
    check: 'power loss',
    verdict: 'skipped',
    result: 'cannot be shown',
    meaning:
      'a disk that lies about flushes can only be found by cutting its power: pull the plug under load, then run this again',
  },
]

export const doctorDurability = defineCommand({
  path: ['doctor', 'durability'],
  summary: 'Measure what the disk promises, and try to lose an acknowledged write',
  description:
    'Measures flushes, kills a writing process, reopens and looks for every batch that it had acknowledged, runs a store out of room on a small disk of its own (or behind a limit, and says so), and reads what a store in the folder says of itself. Writes only into a folder of its own below DIR, which it removes. Ends with 74 when something must not be trusted.',
  examples: [
    { text: 'The folder that npm start uses', command: 'posthorn doctor durability' },
    {
      text: 'Another disk, longer, for a report',
      command: 'posthorn doctor durability --data /srv/posthorn --time 30s -o json',
    },
  ],
  options: {
    data: {
      type: 'string',
      short: 'd',
      valueName: 'dir',
      env: 'POSTHORN_DATA',
      default: './posthorn-data',
      summary: 'Folder to look at; the nearest one above it when it is not there yet',
    },
    time: { type: 'duration', default: '4s', summary: 'How long to measure flushes' },
    rounds: { type: 'integer', default: 5, min: 0, max: 1000, summary: 'How often to kill the writer' },
    acknowledged: {
      type: 'integer',
      valueName: 'count',
      default: 500,
      min: 1,
      max: 1_000_000,
      summary: 'Acknowledged batches after which it is killed',
    },
  },
  columns: {
    check: { type: 'string', summary: 'What was looked at' },
    verdict: { type: 'string', summary: 'ok, warning, failed or skipped' },
    result: { type: 'string', summary: 'What was seen' },
    meaning: { type: 'string', summary: 'What follows from it' },
  },
  async run({ options, output, progress, signal, world }) {
    const folder = existingFolder(options.data)
    const own = ownFolder(folder)
    try {
      using work = progress.begin({ label: 'looking at the disk', total: 4 + options.rounds })
      const findings: Finding[] = [...placeFindings(folder)]
      const measure = (writeBytes: number, share: number) =>
        measureFlushes({ folder: own, writeBytes, ms: options.time * share, world, signal })
      findings.push(judgeFlushes(await measure(SMALL_BYTES, 1 - LARGE_BYTES.length * LARGE_SHARE)))
      for (const bytes of LARGE_BYTES) findings.push(expectation(await measure(bytes, LARGE_SHARE)))
      work.advance(3)
      const { rounds, acknowledged } = options
      findings.push(
        judgeCrash(await crashRounds({ folder: join(own, 'store'), rounds, acknowledged, signal })),
      )
      findings.push(await fullDiskFinding({ folder: join(own, 'full'), world, signal }))
      work.advance(1)
      findings.push(storeFinding(resolve(options.data)), ...beyond)
      await output.rows(findings)
      return findings.some(({ verdict }) => verdict === 'failed') ? exits.storage.code : undefined
    } catch (error) {
      throw failure(error, folder)
    } finally {
      rmSync(own, { recursive: true, force: true })
    }
  },
})

function ownFolder(folder: string): string {
  try {
    return mkdtempSync(join(folder, 'posthorn-doctor-'))
  } catch (error) {
    throw failure(error, folder)
  }
}
