// What a folder that holds a store says of itself, read without changing anything: no lock is taken and nothing is
// opened for writing, so a broker may be running on it.

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { readCheckpoint } from '../../../log/file/checkpoint.ts'
import { nodeDisk } from '../../../log/file/node-disk.ts'
import { LogError } from '../../../log/index.ts'
import type { Finding } from './finding.ts'

const CHECK = 'store'

/** Says what is kept there. */
export function storeFinding(folder: string): Finding {
  if (!existsSync(join(folder, 'checkpoint'))) return withoutCheckpoint(folder)
  try {
    const checkpoint = readCheckpoint(nodeDisk(folder))
    if (checkpoint === undefined) return withoutCheckpoint(folder)
    const { format, epoch, logs, clean } = checkpoint
    return {
      check: CHECK,
      verdict: 'ok',
      result: `format ${format}, epoch ${epoch}, ${logs.length} logs, ${clean ? 'closed in order' : 'open or crashed'}${holder(folder)}`,
      meaning: clean
        ? 'nothing is to be replayed at the next start'
        : 'the next start replays what the write-ahead log holds after the checkpoint',
    }
  } catch (error) {
    if (!(error instanceof LogError)) throw error
    return { check: CHECK, verdict: 'failed', result: error.code, meaning: error.message }
  }
}

function withoutCheckpoint(folder: string): Finding {
  const hasLog = existsSync(join(folder, 'wal')) && readdirSync(join(folder, 'wal')).length > 0
  return hasLog
    ? {
        check: CHECK,
        verdict: 'warning',
        result: 'a write-ahead log and no checkpoint',
        meaning: 'a store that was never closed: it is replayed from the beginning at the next start',
      }
    : { check: CHECK, verdict: 'skipped', result: 'none', meaning: 'the folder holds no store yet' }
}

function holder(folder: string): string {
  try {
    const { pid } = JSON.parse(readFileSync(join(folder, 'lock'), 'utf8'))
    return typeof pid === 'number' ? `, locked by process ${pid}` : ''
  } catch {
    return ''
  }
}
