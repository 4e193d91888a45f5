// The bash script: walks the words that stand already, then offers what the place they lead to knows. Works without
// the bash-completion package, down to bash 3.2 (macOS): no associative arrays.

import type { CompletionModel, CompletionNode, CompletionOption } from './model.ts'

/** The script. */
export function bashScript({ nodes, steps }: CompletionModel): string {
  return `# bash completion of posthorn: source <(posthorn completion bash)
_posthorn() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" prev="\${COMP_WORDS[COMP_CWORD-1]}" path='' words='' i
  COMPREPLY=()
  if [[ $cur == '=' ]]; then cur=''
  elif [[ $prev == '=' ]]; then prev="\${COMP_WORDS[COMP_CWORD-2]}"
  fi
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "$path:\${COMP_WORDS[i]}" in
${steps.map(step => `      ${step.words.map(word => quoted(`${step.from}:${word}`)).join('|')}) path=${quoted(step.to)} ;;`).join('\n')}
    esac
  done
  case "$path:$prev" in
${nodes.flatMap(valueCases).join('\n')}
  esac
  case "$path" in
${nodes.map(nodeCase).join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
}
complete -o bashdefault -o default -F _posthorn posthorn
`
}

function valueCases({ path, options }: CompletionNode): string[] {
  return options
    .filter(option => option.takesValue)
    .map(option => {
      const names = namesOf(option).map(name => quoted(`${path}:${name}`))
      const offer =
        option.choices.length === 0
          ? 'return'
          : `COMPREPLY=($(compgen -W ${quoted(option.choices.join(' '))} -- "$cur")); return`
      return `    ${names.join('|')}) ${offer} ;;`
    })
}

function nodeCase({ path, words, options }: CompletionNode): string {
  const plain = words.map(({ word }) => word).join(' ')
  const flags = options.flatMap(namesOf).join(' ')
  return `    ${quoted(path)}) if [[ $cur == -* ]]; then words=${quoted(flags)}; else words=${quoted(plain)}; fi ;;`
}

function namesOf({ flag, short }: CompletionOption): string[] {
  return short === undefined ? [flag] : [flag, short]
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}
