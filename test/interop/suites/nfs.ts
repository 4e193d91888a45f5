// NFS version 3 with stubs of the compiler (examples/nfs): libnfs and showmount call our server, our client calls nfs-ganesha,
// and the same calls must have the same answers at both.

import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { serveFolder } from '../../../examples/nfs/server/serve.ts'
import { root } from '../broker.ts'
import { startGanesha } from '../nfs-ganesha.ts'
import { type Namespace, openNamespace } from '../nfs-namespace.ts'
import { findNfsPrograms, type NfsPrograms } from '../nfs-packages.ts'
import { execute, launch, type Program, succeed } from '../processes.ts'
import { has, type Report, same } from '../report.ts'
import type { Stage } from '../stage.ts'
import { cache } from '../tools.ts'

const place = join(cache, 'nfs')
const calls = 'test/interop/nfs-calls.ts'
/** Each takes some ms. */
const RPCBIND_TRIES = 500
const exported = join(place, 'exported')
/** More than one READ, and than one buffer of anybody. */
const longText = 'a line of a long file\n'.repeat(40_000)

/** Runs something to its end, and gives what it printed. */
type Run = (...args: [command: string, ...args: string[]]) => Promise<string>

export async function nfs({ report }: Stage): Promise<void> {
  rmSync(place, { recursive: true, force: true })
  mkdirSync(join(exported, 'sub'), { recursive: true })
  writeFileSync(join(exported, 'long.txt'), longText)
  writeFileSync(join(exported, 'sub', 'letter.txt'), 'Dear reader')
  symlinkSync('../../nfs', join(exported, 'link'))
  const programs = await findNfsPrograms().catch(skipping(report, 'NFS'))
  if (programs === undefined) return
  await libnfs(report, programs)
  const namespace = await openNamespace().catch(skipping(report, 'showmount and nfs-ganesha'))
  if (namespace === undefined) return
  using _ = namespace
  await withPortmapper(report, programs, namespace)
}

function skipping(report: Report, what: string) {
  return (error: unknown): undefined => {
    report.skipped(what, error instanceof Error ? error.message.slice(0, 300) : String(error))
  }
}

async function libnfs(report: Report, { env }: NfsPrograms): Promise<void> {
  await using server = await serveFolder(exported, { writable: true })
  const port = server.address.slice(server.address.lastIndexOf(':') + 1)
  const urlOf = (path: string) => `nfs://127.0.0.1/export${path}?nfsport=${port}&mountport=${port}&version=3`
  const run = async (command: string, ...args: string[]) =>
    String((await succeed({ command, args, env, timeoutMs: 10_000 })).stdout)

  await report.run('nfs-ls of libnfs lists what we serve', async () => {
    const said = await run('nfs-ls', urlOf(''))
    has(said, new RegExp(`^-rw.* ${longText.length} long.txt$`, 'm'), 'nfs-ls')
    has(said, /^drwx.* sub$/m, 'nfs-ls')
    has(said, /^lrwx.* link$/m, 'nfs-ls')
  })
  await report.run('nfs-cat of libnfs prints files that we serve', async () => {
    same(await run('nfs-cat', urlOf('/sub/letter.txt')), 'Dear reader', 'the letter')
    same(digest(await run('nfs-cat', urlOf('/long.txt'))), digest(longText), 'the long file')
  })
  await report.run('nfs-cp of libnfs copies from us', async () => {
    await run('nfs-cp', urlOf('/long.txt'), join(place, 'copy.txt'))
    same(digest(readFileSync(join(place, 'copy.txt'))), digest(longText), 'the copy')
  })
  await report.run('nfs-cp of libnfs copies to us', async () => {
    await run('nfs-cp', join(exported, 'long.txt'), urlOf('/sub/copy.txt'))
    same(digest(readFileSync(join(exported, 'sub', 'copy.txt'))), digest(longText), 'the copy')
  })
}

/** What an own network is needed for: the portmapper, and who cannot do without. */
async function withPortmapper(report: Report, { env, ...programs }: NfsPrograms, namespace: Namespace) {
  const inside = (program: Program) => namespace.inside({ ...program, env, cwd: root })
  const run: Run = async (command, ...args) =>
    String((await succeed(inside({ command, args, timeoutMs: 20_000 }))).stdout)
  const script: Run = (...args) => run(process.execPath, '--import', 'tsx', ...args)
  const rpcbind = launch(inside({ command: 'rpcbind', args: ['-f', '-w', '-i'] }))
  try {
    await untilItAnswers(inside)
    const answers = await callingGanesha(report, { env, ...programs }, namespace, script)
    await called(report, inside, run, script, answers)
  } finally {
    rpcbind.kill()
  }
}

async function untilItAnswers(inside: (program: Program) => Program): Promise<void> {
  const ping = inside({ command: 'rpcinfo', args: ['-p', '127.0.0.1'] })
  for (let tries = 0; (await execute(ping)).code !== 0; tries++)
    if (tries > RPCBIND_TRIES) throw new Error('rpcbind does not answer')
}

/** Gives what it answered to the calls of nfs-calls.ts. */
async function callingGanesha(
  report: Report,
  programs: NfsPrograms,
  namespace: Namespace,
  script: Run,
): Promise<ReadonlyMap<string, string>> {
  const answers = new Map<string, string>()
  const started = await startGanesha(place, programs, namespace).catch(skipping(report, 'nfs-ganesha'))
  if (started === undefined) return answers
  await using server = started
  if (server.vfs !== undefined) await reading(report, server.vfs, script)
  else report.skipped("nfs-ganesha's VFS", `the file system of ${place} has no handles for it`)
  for (const [name, path] of [
    ['VFS', server.vfs],
    ['MEM', server.mem],
  ] as const) {
    if (path === undefined) continue
    await report.run(`our client makes, changes and takes away files at nfs-ganesha's ${name}`, async () => {
      answers.set(name, await script(calls, `nfs://127.0.0.1${path}`))
    })
  }
  return answers
}

async function called(
  report: Report,
  inside: (program: Program) => Program,
  run: Run,
  script: Run,
  answers: ReadonlyMap<string, string>,
): Promise<void> {
  const served = join(place, 'ours')
  mkdirSync(served)
  const args = ['--import', 'tsx', 'examples/nfs/server.ts', served, '--writable', '--register']
  const server = launch(inside({ command: process.execPath, args }))
  const ended = new Promise<number | null>(resolve => server.once('exit', resolve))
  if (server.stdout === null) throw new Error('the server has no output')
  const { value: said } = await createInterface({ input: server.stdout })[Symbol.asyncIterator]().next()
  await report.run('our server registers with rpcbind, and rpcinfo calls both programs', async () => {
    has(String(said), /^serving nfs:/, 'the server')
    for (const name of ['nfs', 'mountd'])
      has(await run('rpcinfo', '-T', 'tcp', '127.0.0.1', name, '3'), /version 3 ready/, name)
  })
  await report.run('showmount prints our exports, and who has mounted them', async () => {
    same(await run('showmount', '--no-headers', '-e', '127.0.0.1'), '/export (everyone)\n', 'exports')
    await run('nfs-ls', 'nfs://127.0.0.1/export')
    same(await run('showmount', '--no-headers', '-a', '127.0.0.1'), '127.0.0.1:/export\n', 'mounts')
  })
  for (const [name, theirs] of answers)
    await report.run(
      `the same calls have the same answers at our server as at nfs-ganesha's ${name}`,
      async () => {
        const ours = await script(calls, 'nfs://127.0.0.1/export')
        const [left, right] = [ours.split('\n'), theirs.split('\n')]
        same(left.length, right.length, 'answers')
        same(
          left.filter((line, n) => line !== right[n]),
          right.filter((line, n) => line !== left[n]),
          'answers that differ',
        )
      },
    )
  await report.run('our server takes its registration back at its end', async () => {
    server.kill()
    same(await ended, 0, 'exit code')
    same(/nfs|mountd/.test(await run('rpcinfo', '-p', '127.0.0.1')), false, 'registered')
  })
}

async function reading(report: Report, vfs: string, script: Run): Promise<void> {
  await report.run('our client lists a directory of nfs-ganesha', async () => {
    mkdirSync(join(vfs, 'sub'))
    writeFileSync(join(vfs, 'long.txt'), longText)
    const lines = (await script('examples/nfs/read.ts', `nfs://127.0.0.1${vfs}`)).trim().split('\n')
    const names = lines.map(line => line.trim().split(' ').slice(1).join(' '))
    same(names.sort(), ['../', './', 'long.txt', 'sub/'], 'names')
  })
  await report.run('our client reads a file of nfs-ganesha', async () => {
    const text = await script('examples/nfs/read.ts', `nfs://127.0.0.1${vfs}/long.txt`)
    same(digest(text), digest(longText), 'the file')
    rmSync(join(vfs, 'sub'), { recursive: true })
    rmSync(join(vfs, 'long.txt'))
  })
}

function digest(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex')
}
