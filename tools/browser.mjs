// Makes the one file of posthorn/zeromq/browser out of dist/: the modules of the ZeroMQ room, with those that need Node
// replaced. A module of Node that is still reached can't be resolved, and fails the build.
import { join } from 'node:path'
import { root } from './run.mjs'

const room = join(root, 'dist', 'sockets', 'zmq')
const stands = name => join(room, 'browser', name)

/** What is replaced: the end of the module's path, or a module of Node. */
const replaced = [
  [/\/transport\/index\.js$/, 'transport.js'],
  [/\/world\/system\.js$/, 'world.js'],
  [/\/keep-alive\.js$/, 'keep-alive.js'],
  [/\/security\/(plain|curve|box)\.js$/, 'no-security.js'],
  [/\/ws-protocols\.js$/, 'ws-protocols.js'],
  [/^node:events$/, 'event-emitter.js'],
  [/^node:net$/, 'addresses.js'],
]

const replacing = {
  name: 'browser',
  setup({ onResolve }) {
    onResolve({ filter: /^node:|^\./ }, ({ path, resolveDir }) => {
      if (resolveDir.endsWith(join('zmq', 'browser'))) return undefined
      const whole = path.startsWith('.') ? join(resolveDir, path) : path
      const found = replaced.find(([pattern]) => pattern.test(whole))
      return found && { path: stands(found[1]) }
    })
  },
}

export async function bundleForBrowsers() {
  const { build } = await import('esbuild') // a fresh checkout does not have it before it has installed
  // `Buffer` is named by every module: it is made one first, for `inject` takes files.
  await build({
    stdin: { contents: "export { Buffer } from 'buffer/'", resolveDir: root },
    ...{ bundle: true, format: 'esm', platform: 'browser', outfile: stands('buffer.js') },
  })
  await build({
    entryPoints: [stands('index.js')],
    outfile: stands('bundle.js'),
    inject: [stands('buffer.js'), stands('globals.js')],
    ...{ bundle: true, format: 'esm', platform: 'browser', target: 'es2022', legalComments: 'inline' },
    ...{ plugins: [replacing], logLevel: 'warning' },
  })
}
