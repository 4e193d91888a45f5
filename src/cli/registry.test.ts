import { describe, expect, it } from 'vitest'
import { allCommands, type Command } from './command.ts'
import { flagName } from './option.ts'
import { registry } from './registry.ts'
import { confirmOptions, optionsOf, standardOptions } from './standard-options.ts'

const commands = await allCommands(registry)
const named = commands.map((command): [string, Command] => [command.path.join(' '), command])

describe('the registry', () => {
  it('says of each command what the command says of itself', () => {
    const lines = registry.commands.map(({ path, aliases, summary }) => ({ path, aliases, summary }))
    expect(commands.map(({ path, aliases, summary }) => ({ path, aliases, summary }))).toEqual(lines)
  })

  it('has every path and alias once, no command that is also a noun, and a line for each noun', () => {
    const paths = commands.flatMap(({ path, aliases = [] }) => [
      path.join(' '),
      ...aliases.map(alias => [...path.slice(0, -1), alias].join(' ')),
    ])
    expect(new Set(paths).size).toBe(paths.length)
    const nouns = new Set(commands.filter(({ path }) => path.length > 1).map(({ path }) => path[0]))
    expect([...nouns].sort()).toEqual(Object.keys(registry.nouns).sort())
    expect(paths.filter(path => nouns.has(path))).toEqual([])
  })
})

describe.each(named)('`posthorn %s`', (words, command) => {
  it('has examples that run it', () => {
    for (const { command: line } of command.examples) expect(line).toContain('posthorn ')
    expect(command.examples.some(({ command: line }) => line.includes(`posthorn ${words}`))).toBe(true)
  })

  it('has flags and short letters that are unique, also without regard to case (PowerShell)', () => {
    const specs = Object.entries(optionsOf(command))
    const keys = [...Object.keys(command.options), ...Object.keys({ ...confirmOptions, ...standardOptions })]
    const flags = keys.map(flagName)
    const shorts = specs.flatMap(([, { short }]) =>
      short === undefined ? [] : [command.foreignLetters === undefined ? short.toLowerCase() : short],
    )
    expect(new Set(flags).size).toBe(flags.length)
    expect(new Set(shorts).size).toBe(shorts.length)
    expect(shorts.every(letter => letter.length === 1)).toBe(true)
  })

  it('repeats only its last argument and has no required one behind an optional one', () => {
    const { arguments: specs } = command
    expect(specs.slice(0, -1).some(({ repeated }) => repeated === true)).toBe(false)
    const firstOptional = specs.findIndex(({ required }) => required !== true)
    const rest = firstOptional === -1 ? [] : specs.slice(firstOptional)
    expect(rest.some(({ required }) => required === true)).toBe(false)
  })

  it('has summaries of one line without a full stop', () => {
    const summaries = [command, ...command.arguments, ...Object.values(command.options)].map(
      one => one.summary,
    )
    for (const summary of summaries) expect(summary).toMatch(/^[^\n]{3,100}(?<!\.)$/)
  })
})
