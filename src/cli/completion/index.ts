// The door of completion/: a script per shell from one model.

import type { Registry } from '../command.ts'
import { bashScript } from './bash.ts'
import { fishScript } from './fish.ts'
import { type CompletionModel, completionModel } from './model.ts'
import { powershellScript } from './powershell.ts'
import { zshScript } from './zsh.ts'

/** The shells that are known. */
export const shells = ['bash', 'zsh', 'fish', 'powershell'] as const

export type Shell = (typeof shells)[number]

const scripts: Readonly<Record<Shell, (model: CompletionModel) => string>> = {
  bash: bashScript,
  zsh: zshScript,
  fish: fishScript,
  powershell: powershellScript,
}

/** The script to be sourced by a shell. Loads every command. */
export async function completionScript(shell: Shell, registry: Registry): Promise<string> {
  return scripts[shell](await completionModel(registry))
}
