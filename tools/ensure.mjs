// Makes a fresh checkout ready to run: installs the locked dependencies and builds, each only when that is missing
// or out of date. Plain JavaScript over Node alone, because nothing else may be there yet.
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { build, isBuilt } from './build.mjs'
import { root, run } from './run.mjs'

const MINIMUM_NODE = [20, 19]

function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  if (major > MINIMUM_NODE[0] || (major === MINIMUM_NODE[0] && minor >= MINIMUM_NODE[1])) return
  console.error(`posthorn needs Node ${MINIMUM_NODE.join('.')} or later; this is ${process.versions.node}`)
  process.exit(78)
}

/** Installs from the lock file unless the last installation was of this very lock file. */
function ensureInstalled() {
  const lock = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex')
  const marker = join(root, 'node_modules', '.posthorn-lock')
  if (existsSync(marker) && readFileSync(marker, 'utf8') === lock) return
  console.error('posthorn: installing dependencies')
  // Not `npm ci`: it refuses a lock file without the binaries for platforms that a registry does not carry.
  run('npm', ['install', '--no-save', '--no-audit', '--no-fund', '--loglevel=error'])
  mkdirSync(join(root, 'node_modules'), { recursive: true })
  writeFileSync(marker, lock)
}

checkNode()
ensureInstalled()
if (!isBuilt()) {
  console.error('posthorn: building')
  await build()
}
