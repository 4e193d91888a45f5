// The machine that the figures are of: without it they mean nothing.

import { execFileSync } from 'node:child_process'
import { readFileSync, statfsSync } from 'node:fs'
import { cpus, loadavg, release, totalmem, type } from 'node:os'
import { root } from './places.ts'

/** Lines for the report: processors, memory, disk, system, versions. */
export function machine(): string[] {
  const { bsize, blocks } = statfsSync(root)
  return [
    `${cpus().length} x ${cpus()[0]?.model.trim() ?? 'unknown processor'}, ${gib(totalmem())} memory`,
    `disk: ${disk()}, ${gib(bsize * blocks)}`,
    `${type()} ${release()}, Node ${process.versions.node}, ${javaVersion()}`,
    `load average at the end: ${loadavg()[0]?.toFixed(1)} (other work on the machine shows here)`,
  ]
}

function gib(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(0)} GiB`
}

/** File system and device behind the checkout, and whether it says that it spins. */
function disk(): string {
  const line = said('df', ['--output=fstype,source', root]).split('\n').at(-1)?.trim() ?? ''
  const [kind = 'unknown file system', device = ''] = line.split(/\s+/)
  const block = device.replace(/^\/dev\//, '').replace(/p?\d+$/, '')
  const spins = contentOf(`/sys/block/${block}/queue/rotational`)
  const cached = contentOf(`/sys/block/${block}/queue/write_cache`)
  const medium = spins === undefined ? '' : spins === '1' ? ', rotational' : ', not rotational'
  return `${kind} on ${device || 'unknown'}${medium}${cached === undefined ? '' : `, ${cached} cache`}`
}

function contentOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch {
    return undefined // not Linux, or not a plain device
  }
}

function javaVersion(): string {
  return said('java', ['--version']).split('\n')[0] || 'no Java'
}

function said(command: string, args: readonly string[]): string {
  try {
    return execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()
  } catch {
    return ''
  }
}
