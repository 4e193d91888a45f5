// The zsh script: the same walk as bash's, with a line of explanation at each word.

import type { CompletionModel, CompletionNode, CompletionOption } from './model.ts'

/** The script. Works sourced, and as a file _posthorn on the fpath. */
export function zshScript({ nodes, steps }: CompletionModel): string {
  return `#compdef posthorn
# zsh completion of posthorn: source <(posthorn completion zsh)
_posthorn() {
  local cur="\${words[CURRENT]}" prev="\${words[CURRENT-1]}" place='' i
  local -a offered
  for ((i = 2; i < CURRENT; i++)); do
    case "$place:\${words[i]}" in
${steps.map(step => `      ${step.words.map(word => quoted(`${step.from}:${word}`)).join('|')}) place=${quoted(step.to)} ;;`).join('\n')}
    esac
  done
  case "$place:$prev" in
${nodes.flatMap(valueCases).join('\n')}
  esac
  case "$place" in
${nodes.map(nodeCase).join('\n')}
  esac
  if (( \${#offered} )); then _describe 'posthorn' offered; else _files; fi
}
if (( $+functions[compdef] )); then compdef _posthorn posthorn; fi
if [[ "\${funcstack[1]}" == _posthorn ]]; then _posthorn "$@"; fi
`
}

function valueCases({ path, options }: CompletionNode): string[] {
  return options
    .filter(option => option.takesValue)
    .map(option => {
      const names = namesOf(option).map(name => quoted(`${path}:${name}`))
      const offer =
        option.choices.length === 0
          ? '_files; return'
          : `compadd -- ${option.choices.map(quoted).join(' ')}; return`
      return `    ${names.join('|')}) ${offer} ;;`
    })
}

function nodeCase({ path, words, options }: CompletionNode): string {
  const flags = options.flatMap(option => namesOf(option).map(name => described(name, option.summary)))
  const plain = words.map(({ word, summary }) => described(word, summary))
  return `    ${quoted(path)})
      if [[ $cur == -* ]]; then offered=(${flags.join(' ')}); else offered=(${plain.join(' ')}); fi ;;`
}

function namesOf({ flag, short }: CompletionOption): string[] {
  return short === undefined ? [flag] : [flag, short]
}

/** 'word:summary'; a colon in the word would end it. */
function described(word: string, summary: string): string {
  return quoted(`${word.replaceAll(':', '\\:')}:${summary}`)
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}
