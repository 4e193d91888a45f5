// The way of a newcomer: a sample, compiled, with its server and its client. The example is exactly what the command
// prints, so that it is type-checked, formatted and run with the rest.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { posthorn } from '../../src/cli/kafka/stage.contract.ts'
import { compileIdl, renderDiagnostic } from '../../src/rpc/idl/index.ts'
import { xdr } from '../../src/rpc/index.ts'

const example = join(import.meta.dirname, '..', '..', 'examples', 'ledger')
const text = (name: string): string => readFileSync(join(example, name), 'utf8')

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'idl-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('posthorn idl', () => {
  it.each([
    ['ledger.x', []],
    ['server.ts', ['--server']],
    ['client.ts', ['--client']],
  ])('sample prints examples/ledger/%s', async (name, flags) => {
    const { code, out } = await posthorn('', ['idl', 'sample', 'ledger', ...flags])
    expect(code).toBe(0)
    expect(out).toBe(text(name))
  })

  it('compile makes examples/ledger/ledger.ts', async () => {
    const target = join(folder, 'ledger.ts')
    const { code, err } = await posthorn('', ['idl', 'compile', join(example, 'ledger.x'), target])
    expect({ code, err }).toEqual({ code: 0, err: `wrote ${target}\n` })
    expect(readFileSync(target, 'utf8')).toBe(text('ledger.ts'))
  })

  it.each(['mount', 'nfs'])('compile makes examples/nfs/%s.ts', async name => {
    const nfs = join(example, '..', 'nfs')
    const target = join(folder, `${name}.ts`)
    const flags = ['--strings', 'bytes']
    const { code } = await posthorn('', ['idl', 'compile', join(nfs, `${name}.x`), target, ...flags])
    expect(code).toBe(0)
    expect(readFileSync(target, 'utf8')).toBe(readFileSync(join(nfs, `${name}.ts`), 'utf8'))
  })

  it('compile prints to standard output, and takes definitions and folders', async () => {
    writeFileSync(join(folder, 'part.x'), 'struct part { opaque id[N]; };')
    const whole = join(folder, 'whole.x')
    writeFileSync(whole, '#include <part.x>\ntypedef part parts<>;')
    const { code, out } = await posthorn('', ['idl', 'compile', whole, '-I', folder, '-D', 'N=16'])
    expect(code).toBe(0)
    expect(out).toContain('  id: xdr.opaque(16),')
  })

  it('compile writes nothing after an error, which it shows with its place', async () => {
    const source = join(folder, 'bad.x')
    const target = join(folder, 'bad.ts')
    writeFileSync(source, 'struct s { int a };')
    const { code, err } = await posthorn('', ['idl', 'compile', source, target])
    expect(code).toBe(65)
    expect(err).toContain(`${source}:1:16: error: ';' is missing after the field, before '}'`)
    expect(() => readFileSync(target)).toThrow('ENOENT')
  })

  it('check counts what files declare, and fails when one has errors', async () => {
    const good = join(example, 'ledger.x')
    const { code, rows } = await posthorn('', ['idl', 'check', good, '-o', 'jsonl'])
    expect(code).toBe(0)
    expect(rows()).toMatchObject([{ file: good, errors: 0, constants: 1, programs: 1, procedures: 3 }])
    const bad = join(folder, 'bad.x')
    writeFileSync(bad, 'struct s { missing a; };')
    const failed = await posthorn('', ['idl', 'check', good, bad, '-o', 'jsonl'])
    expect(failed.code).toBe(65)
    expect(failed.err).toContain("there is no type 'missing'")
    expect(failed.rows()).toMatchObject([{ errors: 0 }, { errors: 1 }])
  })

  it('print gives a normal form that compiles to the same module', async () => {
    const { code, out } = await posthorn('', ['idl', 'print', join(example, 'ledger.x')])
    expect(code).toBe(0)
    expect(compileIdl({ name: 'ledger.x', text: out }).code).toBe(text('ledger.ts'))
  })
})

describe('docs/idl.md', () => {
  const page = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'idl.md'), 'utf8')
  const interfaceText = /```c\n([\s\S]*?)```/.exec(page)?.[1] ?? ''

  it('shows an interface that compiles to the names that it uses', () => {
    const { code, diagnostics } = compileIdl({ name: 'ledger.x', text: interfaceText })
    expect(diagnostics).toEqual([])
    for (const line of [
      'export const LEDGER_V1 = program({',
      'export type LEDGER_V1_client = ClientOf<typeof LEDGER_V1>',
      'export type LEDGER_V1_server = ServerOf<typeof LEDGER_V1>',
      "export const xdr_add_result: Xdr<add_result> = xdr.union('code', xdr_status, [",
    ])
      expect(code?.split('\n')).toContain(line)
  })

  it('shows bytes and values as they are', () => {
    const status = xdr.enumeration({ OK: 0, FULL: 1 })
    const result = xdr.union('code', status, [xdr.arm([0], 'length', xdr.uint), xdr.otherwise()])
    const bytes = result.encode({ code: 0, length: 3 })
    expect(page).toContain(`// ${bytes.toString('hex').replace(/(.{8})(?=.)/g, '$1 ')}`)
    const path = xdr.varArray(xdr.struct({ x: xdr.int, y: xdr.int }), 100)
    expect(path.decode(path.encode([{ x: 1, y: -1 }]))).toEqual([{ x: 1, y: -1 }])
  })

  it('shows a mistake as the compiler shows it', () => {
    const text = 'struct item { int a; };\n\nstruct ledger {\n    itm first;\n};'
    const { diagnostics } = compileIdl({ name: 'ledger.x', text })
    expect(page).toContain(diagnostics.map(renderDiagnostic).join('\n'))
  })
})
