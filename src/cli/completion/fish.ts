// The fish script: one `complete` line per word and option, each under the condition that the words typed so far lead
// to its place.

import type { CompletionModel, CompletionNode, CompletionOption } from './model.ts'

/** The script. */
export function fishScript({ nodes, steps }: CompletionModel): string {
  return `# fish completion of posthorn: posthorn completion fish > ~/.config/fish/completions/posthorn.fish
function __posthorn_place
  set -l place ''
  for word in (commandline -opc)[2..-1]
    switch "$place:$word"
${steps.map(step => `      case ${step.words.map(word => quoted(`${step.from}:${word}`)).join(' ')}\n        set place ${quoted(step.to)}`).join('\n')}
    end
  end
  echo "$place"
end
complete -c posthorn -e
${nodes.flatMap(nodeLines).join('\n')}
`
}

function nodeLines({ path, words, options }: CompletionNode): string[] {
  const condition = quoted(`test (__posthorn_place) = "${path}"`)
  const base = `complete -c posthorn -n ${condition}`
  return [
    ...words.map(({ word, summary }) => `${base} -f -a ${quoted(word)} -d ${quoted(summary)}`),
    ...options.map(option => `${base} ${optionWords(option)} -d ${quoted(option.summary)}`),
  ]
}

function optionWords({ flag, short, takesValue, choices }: CompletionOption): string {
  const names = `-l ${flag.slice(2)}${short === undefined ? '' : ` -s ${short.slice(1)}`}`
  if (!takesValue) return `${names} -f`
  return choices.length === 0 ? `${names} -r` : `${names} -x -a ${quoted(choices.join(' '))}`
}

/** In single quotes fish knows two escapes. */
function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
}
