// Joins the modules of each entry of the package in dist/ into a few files: Node takes half a millisecond for every module
// that it loads, and the command has five hundred. What entries have in common is in chunks, so that a program which loads
// two of them has one copy. The modules stay beside it, for their declarations and for programs of our own.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './run.mjs'

/** What package.json names, but for what is bundled already and what is no code. */
function entries() {
  const { bin, exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const named = Object.values(exports).map(entry => entry.default)
  const isCode = path => path?.endsWith('.js') && !path.endsWith('/bundle.js')
  return [...Object.values(bin), ...named].filter(isCode).map(path => join(root, path))
}

export async function bundleForNode() {
  const { build } = await import('esbuild') // a fresh checkout does not have it before it has installed
  const paths = entries()
  await build({
    entryPoints: paths,
    ...{ outdir: join(root, 'dist'), outbase: join(root, 'dist'), chunkNames: 'chunks/[name]-[hash]' },
    ...{ bundle: true, splitting: true, allowOverwrite: true, packages: 'external' },
    inject: [join(root, 'tools', 'globals.mjs')],
    ...{ format: 'esm', platform: 'node', target: 'node20', logLevel: 'warning' },
  })
  for (const path of paths) checkNames(path)
}

/** Of two classes of one name the second gets a number, which users would see. Functions may have it. */
function checkNames(path) {
  const exported = readFileSync(path, 'utf8').matchAll(/^ {2}(\w+) as ([A-Z]\w*),?$/gm)
  const renamed = [...exported].map(([, name, alias]) => `${alias} (would be called ${name})`)
  if (renamed.length > 0)
    throw new Error(`${path}: rename the classes inside that have the names of these: ${renamed.join(', ')}`)
}
