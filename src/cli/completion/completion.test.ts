import { describe, expect, it } from 'vitest'
import { type CommandEntry, defineCommand, type Registry } from '../command.ts'
import { completionScript, shells } from './index.ts'
import { completionModel } from './model.ts'

const reset = defineCommand({
  path: ['group', 'reset'],
  aliases: ['rewind'],
  summary: "Move a group's offsets",
  examples: [{ text: 'To the start', command: 'posthorn group reset g --to start' }],
  arguments: [{ name: 'group', summary: 'Group' }],
  options: {
    to: { type: 'choice', choices: ['start', 'end'], short: 't', summary: 'Where to' },
    file: { type: 'string', summary: 'File' },
    dryRun: { type: 'boolean', summary: "Don't do it" },
  },
  destructive: true,
  run() {},
})
const colour = defineCommand({
  path: ['colour'],
  summary: 'Choose',
  examples: [{ text: 'Red', command: 'posthorn colour red' }],
  arguments: [{ name: 'which', summary: 'Which', choices: ['red', 'blue'] }],
  run() {},
})
const registry: Registry = {
  nouns: { group: 'Consumer groups' },
  commands: [reset, colour].map(
    (command): CommandEntry => ({
      path: command.path,
      summary: command.summary,
      load: async () => command,
    }),
  ),
}

describe('the completion model', () => {
  it('knows the words, options and choices of each place', async () => {
    const { nodes, steps } = await completionModel(registry)
    const words = Object.fromEntries(nodes.map(node => [node.path, node.words.map(({ word }) => word)]))
    expect(words).toEqual({
      '': ['group', 'colour'],
      group: ['reset'],
      'group reset': [],
      colour: ['red', 'blue'],
    })
    expect(steps).toContainEqual({ from: 'group', words: ['reset', 'rewind'], to: 'group reset' })
    const flags = nodes.find(({ path }) => path === 'group reset')?.options.map(({ flag }) => flag)
    expect(flags).toEqual([
      ...['--to', '--file', '--dry-run', '--yes'],
      ...['--output', '--json', '--quiet', '--no-progress', '--help'],
    ])
  })
})

describe('a completion script', () => {
  it.each([
    ['bash', "'group:reset'|'group:rewind') path='group reset' ;;"],
    [
      'bash',
      "'group reset:--to'|'group reset:-t') COMPREPLY=($(compgen -W 'start end' -- \"$cur\")); return ;;",
    ],
    ['bash', "'group reset:--file') return ;;"],
    ['zsh', "'reset:Move a group'\\''s offsets'"],
    ['zsh', "'group reset:--to'|'group reset:-t') compadd -- 'start' 'end'; return ;;"],
    ['fish', "-n 'test (__posthorn_place) = \"group\"' -f -a 'reset' -d 'Move a group\\'s offsets'"],
    ['fish', "-l to -s t -x -a 'start end'"],
    ['fish', "-l dry-run -f -d 'Don\\'t do it'"],
    ['powershell', ",@('reset', 'Move a group''s offsets')"],
    ['powershell', "'group reset:--to' = @('start', 'end')"],
    ['powershell', "'group:rewind' = 'group reset'"],
  ] as const)('of %s has %s', async (shell, line) => {
    expect(await completionScript(shell, registry)).toContain(line)
  })

  it.each(shells)('of %s names every flag', async shell => {
    const script = await completionScript(shell, registry)
    for (const flag of ['dry-run', 'yes', 'no-progress', 'output']) expect(script).toContain(flag)
  })
})
