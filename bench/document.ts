// docs/benchmarks.md: one section per benchmark, replaced by its next `--write`; the others stay as they are.

import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { machine } from './machine.ts'
import { markdown, type Outcome } from './outcome.ts'
import { root } from './places.ts'

const path = join(root, 'docs', 'benchmarks.md')

const opening = `# Benchmarks

Measured by the programs in \`bench/\`; each section says with which command, and on which machine. Contenders
are measured in turns in one run, and the figures are medians. Your machine will give other figures: run them there.
`

/** Puts the section in its place. */
export function writeSection(name: string, command: string, outcome: Outcome): void {
  const [begin, end] = [`<!-- begin ${name} -->`, `<!-- end ${name} -->`]
  const date = new Date().toISOString().slice(0, 10)
  const facts = [`\`${command}\`, ${date}`, ...machine()].map(line => `- ${line}`).join('\n')
  const section = `${begin}\n\n## ${outcome.title}\n\n${facts}\n${markdown(outcome)}\n\n${end}`
  const text = existsSync(path) ? readFileSync(path, 'utf8') : opening
  const [from, to] = [text.indexOf(begin), text.indexOf(end)]
  const next =
    from >= 0 && to > from
      ? text.slice(0, from) + section + text.slice(to + end.length)
      : `${text.trimEnd()}\n\n${section}\n`
  writeFileSync(path, next)
}
