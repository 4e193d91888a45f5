// `posthorn completion <shell>`: the script that teaches a shell our words, made from the command table.

import { defineCommand } from '../command.ts'
import { completionScript, shells } from '../completion/index.ts'

export const completion = defineCommand({
  path: ['completion'],
  summary: 'Print the completion script of a shell',
  description:
    'Prints a script that completes commands, options and their values. It holds all the words itself and starts no process while you type; print it anew after an update.',
  examples: [
    { text: 'bash, now and for good', command: "echo 'source <(posthorn completion bash)' >> ~/.bashrc" },
    { text: 'zsh', command: "echo 'source <(posthorn completion zsh)' >> ~/.zshrc" },
    { text: 'fish', command: 'posthorn completion fish > ~/.config/fish/completions/posthorn.fish' },
    { text: 'PowerShell', command: 'posthorn completion powershell | Out-String | Invoke-Expression' },
  ],
  arguments: [{ name: 'shell', summary: 'The shell to print it for', required: true, choices: shells }],
  async run({ arguments: { shell }, output, registry }) {
    await output.text(await completionScript(shell, registry))
  },
})
