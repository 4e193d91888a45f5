// Writing all of it. The system may write less than asked and say nothing (a full disk does); only the next write fails.

import type { DiskFile } from './disk.ts'

/** Writes the buffers at `position`. Errors: the disk's (ENOSPC, EIO); then any part may have been written. */
export function writeFully(file: DiskFile, buffers: readonly Buffer[], position: number): void {
  let rest = buffers
  let at = position
  for (;;) {
    const total = rest.reduce((sum, one) => sum + one.length, 0)
    if (total === 0) return
    const written = file.write(rest, at)
    if (written === total) return
    at += written
    rest = dropBytes(rest, written)
  }
}

function dropBytes(buffers: readonly Buffer[], count: number): Buffer[] {
  const rest: Buffer[] = []
  let left = count
  for (const buffer of buffers) {
    if (left >= buffer.length) left -= buffer.length
    else {
      rest.push(buffer.subarray(left))
      left = 0
    }
  }
  return rest
}
