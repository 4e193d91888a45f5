// The PowerShell script (5.1 and 7): a native argument completer over three tables.

import type { CompletionModel, CompletionNode, CompletionOption } from './model.ts'

/** The script. */
export function powershellScript({ nodes, steps }: CompletionModel): string {
  return `# PowerShell completion of posthorn: posthorn completion powershell | Out-String | Invoke-Expression
Register-ArgumentCompleter -Native -CommandName posthorn -ScriptBlock {
  param($wordToComplete, $commandAst, $cursorPosition)
  $steps = @{
${steps.flatMap(({ from, words, to }) => words.map(word => `    ${quoted(`${from}:${word}`)} = ${quoted(to)}`)).join('\n')}
  }
  $values = @{
${nodes.flatMap(valueLines).join('\n')}
  }
  $offered = @{
${nodes.map(offeredLines).join('\n')}
  }
  $before = @($commandAst.CommandElements | Where-Object { $_.Extent.EndOffset -lt $cursorPosition } |
    ForEach-Object { $_.ToString() })
  $place = ''
  for ($i = 1; $i -lt $before.Count; $i++) {
    $key = $place + ':' + $before[$i]
    if ($steps.ContainsKey($key)) { $place = $steps[$key] }
  }
  $last = $place + ':' + $before[$before.Count - 1]
  $found = $offered[$place]
  if ($before.Count -gt 1 -and $values.ContainsKey($last)) {
    $found = @($values[$last] | ForEach-Object { ,@($_, $_) })
  }
  $found | Where-Object { $_[0] -like "$wordToComplete*" } | ForEach-Object {
    [System.Management.Automation.CompletionResult]::new($_[0], $_[0], 'ParameterValue', $_[1])
  }
}
`
}

function valueLines({ path, options }: CompletionNode): string[] {
  return options
    .filter(({ takesValue }) => takesValue)
    .flatMap(option => {
      const choices = option.choices.map(quoted).join(', ')
      return namesOf(option).map(name => `    ${quoted(`${path}:${name}`)} = @(${choices})`)
    })
}

function offeredLines({ path, words, options }: CompletionNode): string {
  const pairs = [
    ...words.map(({ word, summary }) => pair(word, summary)),
    ...options.flatMap(option => namesOf(option).map(name => pair(name, option.summary))),
  ]
  return `    ${quoted(path)} = @(\n      ${pairs.join('\n      ')})`
}

/** The comma keeps PowerShell from flattening an array of one pair. */
function pair(word: string, summary: string): string {
  return `,@(${quoted(word)}, ${quoted(summary)})`
}

function namesOf({ flag, short }: CompletionOption): string[] {
  return short === undefined ? [flag] : [flag, short]
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}
