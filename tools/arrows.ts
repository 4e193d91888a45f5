// The law of imports: which room may import which. `npm run check` fails on any other arrow and names both files.
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'

const ground = ['bytes', 'world', 'flow', 'collections', 'transport'] as const

/** Every room of src/ and the rooms it may import besides itself. */
export const mayImport: Readonly<Record<string, readonly string[]>> = {
  bytes: [],
  world: [],
  flow: ['world', 'collections'],
  collections: [],
  auth: ['bytes', 'world'],
  transport: ['bytes', 'flow', 'world'],
  log: [...ground, 'auth'],
  broker: [...ground, 'auth', 'log'],
  heads: [...ground, 'auth', 'log', 'broker'],
  server: [...ground, 'auth', 'log', 'broker', 'heads'],
  cli: [...ground, 'auth', 'log', 'broker', 'heads', 'server', 'rpc', 'sockets', 'sim'],
  sockets: ground,
  rpc: ground,
  mpi: ground,
  multicast: ground,
  coordination: [...ground, 'multicast', 'log'],
  sim: [...ground, 'auth', 'log', 'broker', 'heads', 'server'],
}

/**
 * Node's own modules that have one home each: everything else gets them through that room's interface. `files` are
 * single files elsewhere that need the module, each with its reason in its header.
 */
const homes: readonly {
  readonly module: RegExp
  readonly rooms: readonly string[]
  readonly files?: readonly string[]
}[] = [
  { module: /^node:(net|tls|dgram|https?)$/, rooms: ['transport'] },
  {
    module: /^node:fs(\/promises)?$/,
    rooms: ['log', 'server', 'cli'],
    files: [join('transport', 'socket-file.ts')],
  },
]

const importPattern =
  /(?:^|\n)\s*(?:import|export)\s[^'"]*?from\s*['"]([^'"]+)['"]|import\(\s*['"]([^'"]+)['"]\s*\)/g

/** All violations under `src`, each naming the importing file, what it imports, and the rule. */
export function violations(src: string): string[] {
  const found: string[] = []
  for (const file of sources(src)) {
    const [room = '', second = ''] = relative(src, file).split(sep)
    const isTest = /\.(test|contract|bench)\.ts$/.test(file)
    for (const target of imports(file)) {
      if (target.startsWith('node:')) {
        const home = homes.find(one => one.module.test(target))
        if (home && !isTest && !home.rooms.includes(room) && !home.files?.includes(relative(src, file)))
          found.push(`${relative(src, file)} imports ${target}, whose home is ${home.rooms.join(', ')}`)
        continue
      }
      if (!target.startsWith('.')) continue
      const path = relative(src, join(dirname(file), target))
      const [to = '', toSecond = ''] = path.split(sep)
      if (to === room && room !== 'heads') continue
      if (room === 'heads' && to === 'heads') {
        if (second !== toSecond)
          found.push(`${relative(src, file)} imports ${path}: a head may not import another head`)
        continue
      }
      const allowed = mayImport[room]
      if (allowed === undefined) found.push(`${relative(src, file)} is in no room that tools/arrows.ts knows`)
      else if (!allowed.includes(to) && !(isTest && (to === 'sim' || to === 'world')))
        found.push(`${relative(src, file)} imports ${path}: ${room}/ may not import ${to}/`)
    }
  }
  return found
}

function imports(file: string): string[] {
  return [...readFileSync(file, 'utf8').matchAll(importPattern)].flatMap(match => match[1] ?? match[2] ?? [])
}

function* sources(folder: string): Generator<string> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) yield* sources(path)
    else if (entry.name.endsWith('.ts')) yield path
  }
}
