// The IDL compiler against Debian's .x files, and XDR against a program in C that rpcgen made the codec of. The files must
// compile to modules that TypeScript and the formatter accept, and print so that they compile to the same again. Random
// messages go both ways: bytes that we write are read by C, which says what it read and writes them again; bytes that C
// writes are read by us.

import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import fc from 'fast-check'
import { checkIdl, compileIdl, type Files, printIdl, renderDiagnostic } from '../../../src/rpc/idl/index.ts'
import { root } from '../broker.ts'
import { colour, type everything, type tree, xdr_everything } from '../c/everything.ts'
import { messages } from '../c/everything-values.ts'
import { roundTrips } from '../idl-round-trip.ts'
import { succeed } from '../processes.ts'
import { type Report, same } from '../report.ts'
import { build, frame, frames, installRpcgen } from '../rpcgen.ts'
import type { Stage } from '../stage.ts'
import { cache } from '../tools.ts'

/** Where Debian's rpcsvc-proto and libtirpc-dev put their .x files. */
const folders = ['/usr/include/rpcsvc', '/usr/include/tirpc/rpc', '/usr/include/tirpc/rpcsvc']
const MESSAGES = 1000
const SEED = 20_260

const place = join(cache, 'idl')
const c = join(import.meta.dirname, '..', 'c')

export async function idl({ report }: Stage): Promise<void> {
  await installRpcgen()
  rmSync(place, { recursive: true, force: true })
  mkdirSync(place, { recursive: true })
  await shippedFiles(report)
  await messagesOfC(report)
}

const files: Files = {
  find(path, from) {
    const found = join(dirname(from), path)
    return existsSync(found) ? { name: found, text: readFileSync(found, 'utf8') } : undefined
  },
}

async function shippedFiles(report: Report): Promise<void> {
  const sources = folders.flatMap(folder =>
    existsSync(folder)
      ? readdirSync(folder).flatMap(name => (name.endsWith('.x') ? [join(folder, name)] : []))
      : [],
  )
  if (sources.length === 0) {
    report.skipped('.x files of Debian', 'rpcsvc-proto is not installed')
    return
  }
  for (const path of sources)
    await report.run(`${path} compiles, and prints what compiles alike`, () => compileBoth(path))
  await report.run(`TypeScript accepts the ${sources.length} modules, strict and exact`, typeCheck)
  await report.run('the formatter and the linter find nothing in them', formatCheck)
  for (const path of sources)
    await report.run(`${path}: random values of all types and calls come back as they were`, () =>
      roundTripsOf(path),
    )
}

function compileBoth(path: string): void {
  const source = { name: path, text: readFileSync(path, 'utf8') }
  const { code, errors, diagnostics } = compileIdl(source, { files })
  if (code === undefined) throw new Error(`${errors} errors: ${diagnostics.map(renderDiagnostic).join('\n')}`)
  const printed = printIdl(source, { files }).code ?? ''
  same(printIdl({ name: path, text: printed }).code, printed, 'printed again')
  same(compileIdl({ name: path, text: printed }, { files }).code, code, 'the module of what was printed')
  writeFileSync(join(place, `${basename(path, '.x')}.ts`), code)
}

async function typeCheck(): Promise<void> {
  const compilerOptions = { exactOptionalPropertyTypes: true, noUnusedLocals: true, noUnusedParameters: true }
  const config = { extends: join(root, 'tsconfig.json'), compilerOptions, include: ['*.ts'] }
  writeFileSync(join(place, 'tsconfig.json'), JSON.stringify(config))
  await succeed({ command: join(root, 'node_modules', '.bin', 'tsc'), args: ['-p', place], cwd: root })
}

async function formatCheck(): Promise<void> {
  const {
    vcs,
    files: included,
    $schema,
    ...config
  } = JSON.parse(readFileSync(join(root, 'biome.json'), 'utf8'))
  // The configuration is checked too where it lies among what is checked: it has a folder of its own.
  const folder = join(place, 'biome')
  mkdirSync(folder)
  writeFileSync(join(folder, 'biome.json'), JSON.stringify({ ...config, root: true }))
  const modules = readdirSync(place).filter(name => name.endsWith('.ts'))
  const args = ['ci', '--error-on-warnings', '--colors=off', `--config-path=${folder}`, ...modules]
  await succeed({ command: join(root, 'node_modules', '.bin', 'biome'), args, cwd: place })
}

async function roundTripsOf(path: string): Promise<void> {
  const source = { name: path, text: readFileSync(path, 'utf8') }
  const { schema } = checkIdl(source, { files })
  const module = await import(pathToFileURL(join(place, `${basename(path, '.x')}.ts`)).href)
  if (roundTrips(schema, module) === 0) throw new Error('there was nothing to try')
}

async function messagesOfC(report: Report): Promise<void> {
  const program = await build(place, 'echo', ['-h', '-c']).catch((error: unknown) => {
    report.skipped('XDR with C', error instanceof Error ? error.message.slice(0, 200) : String(error))
    return undefined
  })
  if (program === undefined) return
  await report.run('test/interop/c/everything.ts is what the compiler makes of everything.x', () => {
    const source = { name: 'everything.x', text: readFileSync(join(c, 'everything.x'), 'utf8') }
    same(compileIdl(source).code, readFileSync(join(c, 'everything.ts'), 'utf8'), 'the module')
  })
  await report.run(
    `C reads ${MESSAGES} random messages as we meant them, and writes the same bytes`,
    async () => {
      const values = fc.sample(messages, { numRuns: MESSAGES, seed: SEED })
      const sent = values.map(value => xdr_everything.encode(value))
      const { stdout } = await succeed({
        command: program,
        args: ['read'],
        input: Buffer.concat(sent.map(frame)),
      })
      const answers = [...pairs(stdout)]
      same(answers.length, MESSAGES, 'answers')
      for (const [n, [text, bytes]] of answers.entries()) {
        const value = values[n]
        if (value !== undefined) same(text, dump(value), `message ${n} as C read it`)
        same(bytes.toString('hex'), sent[n]?.toString('hex'), `bytes of message ${n}`)
      }
    },
  )
  await report.run(
    `we read ${MESSAGES} random messages as C meant them, and write the same bytes`,
    async () => {
      const { stdout } = await succeed({ command: program, args: ['write', String(MESSAGES), String(SEED)] })
      const answers = [...pairs(stdout)]
      same(answers.length, MESSAGES, 'messages')
      for (const [n, [text, bytes]] of answers.entries()) {
        const value = xdr_everything.decode(bytes)
        same(dump(value), text, `message ${n} as we read it`)
        same(xdr_everything.encode(value).toString('hex'), bytes.toString('hex'), `bytes of message ${n}`)
      }
    },
  )
}

/** Text and bytes, as echo.c writes them. */
function* pairs(stdout: Buffer): Generator<readonly [text: string, bytes: Buffer]> {
  const [...parts] = frames(stdout)
  for (let n = 0; n + 1 < parts.length; n += 2) yield [String(parts[n]), parts[n + 1] ?? Buffer.alloc(0)]
}

/** What a message says, in the words of echo.c. */
function dump(value: everything): string {
  const { a, b, c: wide, d, e, f, g, h, i, j, k, l, m, n, o, p, q, u, v, w, x } = value
  return [
    ...[a, b, wide, d, floatBits(e), doubleBits(f), Number(g), h, i, j, k, l],
    ...[hex(m), hex(n), hex(Buffer.from(o)), ...p, ...q.map(pointText)],
    ...unionTexts(value),
    u === undefined ? '-' : pointText(u),
    ...v.flatMap(({ name, value: one }) => [hex(Buffer.from(name)), one]),
    ...treeTexts(w),
    x,
  ].join(' ')
}

function unionTexts({ r, s, t }: everything): (string | number | bigint)[] {
  const number =
    r.kind === 0 && r.wide !== undefined
      ? [r.wide]
      : 'words' in r && r.words !== undefined
        ? [hex(Buffer.from(r.words))]
        : []
  const hue = s.hue === colour.RED ? [pointText(s.at)] : s.hue === colour.BLUE ? [doubleBits(s.weight)] : []
  return [r.kind, ...number, s.hue, ...hue, Number(t.flag), t.flag ? hex(t.bytes) : t.count]
}

function treeTexts(one: tree | undefined): (string | number)[] {
  return one === undefined ? ['-'] : ['[', ...treeTexts(one.left), one.value, ...treeTexts(one.right), ']']
}

function pointText({ x, y }: { readonly x: number; readonly y: number }): string {
  return `(${x} ${y})`
}

function hex(one: Uint8Array): string {
  return `<${Buffer.from(one).toString('hex')}>`
}

function floatBits(value: number): string {
  const one = Buffer.alloc(4)
  one.writeFloatBE(value)
  return one.toString('hex')
}

function doubleBits(value: number): string {
  const one = Buffer.alloc(8)
  one.writeDoubleBE(value)
  return one.toString('hex')
}
