// Builds src/ into dist/: TypeScript to JavaScript and declarations, and the files that are not code beside them.
import { cpSync, existsSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { bundleForBrowsers } from './browser.mjs'
import { bundleForNode } from './bundle.mjs'
import { root, run } from './run.mjs'

const stamp = join(root, 'dist', '.built')

/** True when dist/ is newer than everything that it is made of. */
export function isBuilt() {
  if (!existsSync(stamp)) return false
  const built = statSync(stamp).mtimeMs
  const newest = path => {
    const info = statSync(path)
    if (!info.isDirectory()) return info.mtimeMs
    return Math.max(info.mtimeMs, ...readdirSync(path).map(name => newest(join(path, name))))
  }
  const own = ['build', 'browser', 'bundle', 'globals'].map(name => `tools/${name}.mjs`)
  return ['src', ...own, 'package.json', 'tsconfig.json', 'tsconfig.build.json'].every(
    p => newest(join(root, p)) <= built,
  )
}

export async function build() {
  rmSync(join(root, 'dist'), { recursive: true, force: true })
  run(process.execPath, [join(root, 'node_modules', 'typescript', 'bin', 'tsc'), '-p', 'tsconfig.build.json'])
  copyOthers(join(root, 'src'), join(root, 'dist'))
  await bundleForBrowsers()
  await bundleForNode()
  writeFileSync(stamp, '')
}

function copyOthers(from, to) {
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    if (entry.isDirectory()) copyOthers(join(from, entry.name), join(to, entry.name))
    else if (entry.name.endsWith('.json')) cpSync(join(from, entry.name), join(to, entry.name))
  }
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) await build()
