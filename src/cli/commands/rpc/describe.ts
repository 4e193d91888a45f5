// `posthorn rpc describe`: methods with all that is said of them.

import { describe, type MethodDescription } from '../../../rpc/index.ts'
import { defineCommand } from '../../command.ts'
import { CommandError } from '../../exit.ts'
import { printable } from '../../output/columns.ts'
import { didYouMean } from '../../suggest.ts'
import { addressArgument, clientOptions, withServer } from './client.ts'

export const rpcDescribe = defineCommand({
  path: ['rpc', 'describe'],
  summary: 'Show signatures, documentation and semantics of methods',
  description:
    'What is said of a method is what its server declares in `methods` of `serve`; see `posthorn rpc serve` for how. How often it runs for one call: "at most once" and "at least once" are called again by themselves when the connection is lost, anything else is not.',
  examples: [
    { text: 'All methods', command: 'posthorn rpc describe tcp://127.0.0.1:4000' },
    { text: 'One', command: 'posthorn rpc describe tcp://127.0.0.1:4000 add' },
  ],
  arguments: [addressArgument, { name: 'method', summary: 'Only this one' }],
  options: clientOptions,
  columns: {
    method: { type: 'string', summary: 'Its name, to be called by' },
    signature: { type: 'string', summary: 'Parameters and result, as declared' },
    runs: { type: 'string', summary: 'How often it runs for one call' },
    doc: { type: 'string', summary: 'What it is for, as declared', nullable: true },
  },
  async run(context) {
    const { output } = context
    const { address, method } = context.arguments
    await withServer(context, address, async server => {
      const shown = chosen(await describe(server), method)
      if (output.format === 'table') return output.text(shown.map(page).join('\n\n'))
      const rows = shown.map(({ name, signature, semantics, doc = null }) => ({
        method: name,
        signature,
        runs: semantics,
        doc,
      }))
      await output.rows(rows)
    })
  },
})

function chosen(all: readonly MethodDescription[], method: string | undefined): readonly MethodDescription[] {
  if (method === undefined) return all
  const found = all.filter(({ name }) => name === method)
  if (found.length > 0) return found
  const names = all.map(({ name }) => name)
  throw new CommandError('notFound', `there is no method '${method}'${didYouMean(method, names)}`)
}

function page({ name, signature, doc, semantics }: MethodDescription): string {
  const lines = [`${name}${signature.startsWith('(') ? '' : ' '}${signature}`, ...(doc ?? '').split('\n')]
  return [...lines.filter(Boolean), `runs ${semantics}`]
    .map((line, n) => (n === 0 ? printable(line) : `    ${printable(line)}`))
    .join('\n')
}
