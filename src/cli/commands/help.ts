// `posthorn help`: a command, all commands of a noun, or a topic.

import { defineCommand } from '../command.ts'
import { helpFor } from '../help/page.ts'
import { topics } from '../help/topics.ts'

export const help = defineCommand({
  path: ['help'],
  summary: 'Explain a command or a topic',
  description: `Without words it shows what there is. With the words of a command it explains that command, with the first word of several it lists them. Topics: ${Object.keys(topics).join(', ')}.`,
  examples: [
    { text: 'What a command does and takes', command: 'posthorn help completion' },
    { text: 'What the exit codes mean', command: 'posthorn help exit-codes' },
    { text: 'Everything on one page, for language models', command: 'posthorn --help-llm' },
  ],
  arguments: [{ name: 'word', summary: 'The words of a command, or a topic', repeated: true }],
  async run({ arguments: { word }, output, registry, tty }) {
    await output.text(await helpFor(registry, word, tty.stdout))
  },
})
