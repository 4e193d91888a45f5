// The words behind rpcinfo's flags: hosts, programs by number or name, versions.

import { programNumber } from '../../../rpc/rpcbind/program-names.ts'
import { CommandError } from '../../exit.ts'

const NUMBER_MAX = 0xffff_ffff

/** Errors: CommandError (usage). */
export function programOf(word: string): number {
  const program = /^(\d+|0x[0-9a-fA-F]+)$/.test(word) ? Number(word) : programNumber(word)
  if (program !== undefined && program <= NUMBER_MAX) return program
  throw new CommandError('usage', `'${word}' is no program: write a number or a name such as nfs or mountd`)
}

/** Errors: CommandError (usage). */
export function versionOf(word: string): number {
  if (/^\d+$/.test(word) && Number(word) <= NUMBER_MAX) return Number(word)
  throw new CommandError('usage', `'${word}' is no version: write a number`)
}

/** The words, when there are as many as `usage` says. Errors: CommandError (usage). */
export function expectWords(
  words: readonly string[],
  least: number,
  most: number,
  usage: string,
): readonly string[] {
  if (words.length >= least && words.length <= most) return words
  throw new CommandError('usage', `write: posthorn rpcinfo ${usage}`)
}
