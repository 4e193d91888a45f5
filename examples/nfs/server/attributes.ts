// What a file is (RFC 1813, fattr3), out of what the system says of it.

import type { BigIntStats } from 'node:fs'
import { type fattr3, ftype3, type nfstime3 } from '../nfs.js'

const NANOSECONDS = 1_000_000_000n
const UINT32_MAX = 0xffff_ffffn
/** Bytes of what `stat` calls a block, whatever the file system. */
const BLOCK_BYTES = 512n

export function attributesOf(stats: BigIntStats): fattr3 {
  return {
    type: typeOf(stats),
    mode: Number(stats.mode & 0o7777n),
    nlink: Number(stats.nlink),
    uid: Number(stats.uid),
    gid: Number(stats.gid),
    size: stats.size,
    used: stats.blocks * BLOCK_BYTES,
    rdev: deviceOf(stats.rdev),
    fsid: stats.dev,
    fileid: stats.ino,
    atime: timeOf(stats.atimeNs),
    mtime: timeOf(stats.mtimeNs),
    ctime: timeOf(stats.ctimeNs),
  }
}

function typeOf(stats: BigIntStats): ftype3 {
  if (stats.isDirectory()) return ftype3.NF3DIR
  if (stats.isSymbolicLink()) return ftype3.NF3LNK
  if (stats.isBlockDevice()) return ftype3.NF3BLK
  if (stats.isCharacterDevice()) return ftype3.NF3CHR
  if (stats.isSocket()) return ftype3.NF3SOCK
  return stats.isFIFO() ? ftype3.NF3FIFO : ftype3.NF3REG
}

/** Major and minor number, as Linux packs them. */
function deviceOf(device: bigint): fattr3['rdev'] {
  return {
    specdata1: Number((device >> 8n) & 0xfffn),
    specdata2: Number((device & 0xffn) | ((device >> 12n) & 0xfff00n)),
  }
}

/** NFS version 3 has times from 1970 to 2106. */
export function timeOf(nanoseconds: bigint): nfstime3 {
  const seconds = nanoseconds / NANOSECONDS
  if (nanoseconds < 0n) return { seconds: 0, nseconds: 0 }
  if (seconds > UINT32_MAX) return { seconds: Number(UINT32_MAX), nseconds: 0 }
  return { seconds: Number(seconds), nseconds: Number(nanoseconds % NANOSECONDS) }
}
