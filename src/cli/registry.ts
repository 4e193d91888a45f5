// The list of commands. One line each: its words, its line in help, and where its implementation is, imported only
// when it is asked for, so that `posthorn --help` loads no broker. A new command is a file under commands/ and a line
// here; registry.test.ts checks that both say the same.

import type { Registry } from './command.ts'

export const registry: Registry = {
  nouns: {},
  commands: [
    {
      path: ['help'],
      summary: 'Explain a command or a topic',
      load: async () => (await import('./commands/help.ts')).help,
    },
    {
      path: ['version'],
      summary: 'Print the version',
      load: async () => (await import('./commands/version.ts')).version,
    },
    {
      path: ['completion'],
      summary: 'Print the completion script of a shell',
      load: async () => (await import('./commands/completion.ts')).completion,
    },
  ],
}
