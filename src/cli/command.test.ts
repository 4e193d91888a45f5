import { describe, expect, expectTypeOf, it } from 'vitest'
import { defineCommand, isWriting } from './command.ts'
import { parseCommandLine } from './parse.ts'

const everyKind = defineCommand({
  path: ['every', 'kind'],
  summary: 'Every kind of option',
  examples: [{ text: 'All', command: 'posthorn every kind x' }],
  arguments: [
    { name: 'what', summary: 'What', required: true },
    { name: 'mode', summary: 'How', choices: ['fast', 'safe'] },
    { name: 'more', summary: 'More', repeated: true },
  ],
  options: {
    force: { type: 'boolean', summary: 'Force' },
    sync: { type: 'boolean', default: true, env: 'POSTHORN_SYNC', summary: 'Do not sync' },
    key: { type: 'string', summary: 'Key' },
    header: { type: 'string', repeated: true, env: 'POSTHORN_HEADER', summary: 'Header' },
    count: { type: 'integer', default: 1, min: 1, max: 9, summary: 'Count' },
    share: { type: 'number', summary: 'Share' },
    wait: { type: 'duration', default: '30s', env: 'POSTHORN_WAIT', summary: 'Wait' },
    size: { type: 'bytes', default: '64MB', summary: 'Size' },
    acks: { type: 'choice', choices: ['0', '1', 'all'], default: 'all', summary: 'Acks' },
    node: { type: 'integer', repeated: true, summary: 'Node' },
  },
  columns: {
    name: { type: 'string', summary: 'Name' },
    seen: { type: 'time', summary: 'Seen', nullable: true },
  },
  run(context) {
    expectTypeOf(context.options).toEqualTypeOf<{
      readonly force: boolean
      readonly sync: boolean
      readonly key: string | undefined
      readonly header: readonly string[]
      readonly count: number
      readonly share: number | undefined
      readonly wait: number
      readonly size: number
      readonly acks: '0' | '1' | 'all'
      readonly node: readonly number[]
    }>()
    expectTypeOf(context.arguments).toEqualTypeOf<{
      readonly what: string
      readonly mode: 'fast' | 'safe' | undefined
      readonly more: readonly string[]
    }>()
    expectTypeOf(context.output.record)
      .parameter(0)
      .toEqualTypeOf<{ readonly name: string; readonly seen: number | null }>()
    // @ts-expect-error an option that is not declared does not exist
    void context.options.nothing
  },
})

function parsed(line: string, env: Record<string, string> = {}) {
  const result = parseCommandLine(everyKind, line.split(' '), env)
  if (result.at === 'help') throw new Error('help was not asked for')
  return result
}

describe('the values of a command line', () => {
  it('are the declared defaults, in their units', () => {
    expect(parsed('x').options).toMatchObject({
      force: false,
      sync: true,
      key: undefined,
      header: [],
      count: 1,
      share: undefined,
      wait: 30_000,
      size: 64_000_000,
      acks: 'all',
      node: [],
    })
  })

  it.each([
    ['x --force', { force: true }],
    ['x --force=false', { force: false }],
    ['x --no-sync', { sync: false }],
    ['x --force --no-force', { force: false }],
    ['x --header a=1 --header=b=2', { header: ['a=1', 'b=2'] }],
    ['x --node 1 --node 2', { node: [1, 2] }],
    ['x --count 2 --count 3', { count: 3 }],
    ['x --share -0.5', { share: -0.5 }],
    ['x --wait 500ms --size 1KiB', { wait: 500, size: 1024 }],
    ['x --acks 1', { acks: '1' }],
    ['x --key=--force', { key: '--force', force: false }],
  ])('of `%s` are %j', (line, expected) => expect(parsed(line).options).toMatchObject(expected))

  it('come from the environment where there is no flag; an empty variable counts as none', () => {
    const env = { POSTHORN_WAIT: '2m', POSTHORN_HEADER: 'a=1, b=2', POSTHORN_SYNC: 'no' }
    expect(parsed('x', env).options).toMatchObject({ wait: 120_000, header: ['a=1', 'b=2'], sync: false })
    expect(parsed('x', env).origins).toMatchObject({ wait: 'environment', count: 'default' })
    expect(parsed('x --wait 1s --sync', env).options).toMatchObject({ wait: 1000, sync: true })
    expect(parsed('x', { POSTHORN_WAIT: '' }).origins).toMatchObject({ wait: 'default' })
  })

  it('of arguments are by name, and `--` ends the options', () => {
    expect(parsed('x fast a b').arguments).toEqual({ what: 'x', mode: 'fast', more: ['a', 'b'] })
    expect(parsed('x').arguments).toEqual({ what: 'x', mode: undefined, more: [] })
    expect(parsed('-- --force safe -h').arguments).toEqual({ what: '--force', mode: 'safe', more: ['-h'] })
  })

  it.each([
    ['x --count 10', {}, '--count cannot be 10: the most is 9'],
    ['x --count 1.5', {}, "--count cannot be '1.5': write a whole number"],
    ['x --share=', {}, "--share cannot be '': write a number"],
    ['x --wait soon', {}, "--wait: 'soon' is not a duration"],
    ['x --size big', {}, "--size: 'big' is not a size"],
    ['x --acks two', {}, "--acks cannot be 'two': it is one of 0, 1, all"],
    ['x --force=maybe', {}, "--force cannot be 'maybe': write true or false"],
    ['x quick', {}, "<mode> cannot be 'quick': it is one of fast, safe"],
    ['x', { POSTHORN_WAIT: 'soon' }, "POSTHORN_WAIT: 'soon' is not a duration"],
  ])('`%s` with %j is refused: %s', (line, env, message) => {
    expect(() => parsed(line, env)).toThrow(message)
  })
})

describe('defineCommand', () => {
  it('tags what writes', () => {
    expect(isWriting(everyKind)).toBe(false)
    expect(isWriting({ ...everyKind, destructive: true })).toBe(true)
  })
})
