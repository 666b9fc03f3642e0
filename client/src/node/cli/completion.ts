/** `baton completion`: a script for a shell, made from the commands themselves. No code is completed. */
import type { Context } from './command.ts'
import { usage } from './exit.ts'
import { type CommandRow, listCommands } from './program.ts'

export async function completion({ terminal }: Context, shell: string): Promise<void> {
  const make = scripts[shell]
  if (make === undefined) {
    throw usage(
      'failed to make a script for this shell',
      `it is one of ${Object.keys(scripts).join(', ')}`,
    )
  }
  const script = make(listCommands())
  terminal.object({ type: 'result', ok: true, shell, script })
  terminal.line(script)
}

const flagsOf = ({ options }: CommandRow): string[] =>
  options.flatMap(({ flags }) => flags.match(/--[\w-]+/g) ?? [])

const scripts: Readonly<Record<string, (rows: readonly CommandRow[]) => string>> = {
  bash: (rows) => `# eval "$(baton completion bash)"
_baton() {
  local word="\${COMP_WORDS[COMP_CWORD]}"
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "${rows.map(({ name }) => name).join(' ')}" -- "$word"))
    return
  fi
  case "\${COMP_WORDS[1]}" in
${rows.map((row) => `    ${row.name}) COMPREPLY=($(compgen -W "${flagsOf(row).join(' ')}" -- "$word")) ;;`).join('\n')}
  esac
}
complete -o default -F _baton baton`,

  zsh: (rows) => `#compdef baton
# eval "$(baton completion zsh)"
_baton() {
  local -a commands=(
${rows.map(({ name, description }) => `    ${quote(`${name}:${description}`)}`).join('\n')}
  )
  if (( CURRENT == 2 )); then _describe 'command' commands; return; fi
  case "\${words[2]}" in
${rows.map((row) => `    ${row.name}) compadd -- ${flagsOf(row).join(' ')}; _files ;;`).join('\n')}
  esac
}
compdef _baton baton`,

  fish: (rows) =>
    [
      '# baton completion fish | source',
      ...rows.flatMap((row) => [
        `complete -c baton -f -n __fish_use_subcommand -a ${row.name} -d ${quote(row.description)}`,
        ...row.options.flatMap(({ flags, description }) => {
          const long = /--([\w-]+)/.exec(flags)?.[1]
          return long === undefined
            ? []
            : [
                `complete -c baton -n '__fish_seen_subcommand_from ${row.name}' -l ${long} -d ${quote(description)}`,
              ]
        }),
      ]),
    ].join('\n'),

  powershell: (rows) => `# baton completion powershell | Out-String | Invoke-Expression
Register-ArgumentCompleter -Native -CommandName baton -ScriptBlock {
  param($word, $line)
  $words = @{
${rows
  .map(
    (row) =>
      `    '${row.name}' = @(${flagsOf(row)
        .map((flag) => `'${flag}'`)
        .join(', ')})`,
  )
  .join('\n')}
  }
  $typed = @($line.CommandElements | ForEach-Object { $_.ToString() })
  $from = if ($typed.Count -le 2 -and -not $words.ContainsKey("$($typed[1])")) { $words.Keys } else { $words["$($typed[1])"] }
  $from | Where-Object { $_ -like "$word*" } | Sort-Object | ForEach-Object { $_ }
}`,
}

/** For zsh and fish. */
const quote = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`
