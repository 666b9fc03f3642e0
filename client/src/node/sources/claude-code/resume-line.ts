/** PL12: the line a person runs to go on, quoted so that no path can be anything but a path. */

export interface Resume {
  readonly project: string
  readonly id: string
  /** Given only where it is not what the agent would use by itself. */
  readonly configDir: string | undefined
}

/** For sh, bash and zsh; fish too, unless a path ends in a backslash. */
export function posixResume({ project, id, configDir }: Resume): string {
  const env = configDir === undefined ? '' : `CLAUDE_CONFIG_DIR=${posixQuote(configDir)} `
  return `cd ${posixQuote(project)} && ${env}claude --resume ${id}`
}

/** For PowerShell 5 and 7. */
export function powershellResume({ project, id, configDir }: Resume): string {
  const env =
    configDir === undefined ? '' : `$env:CLAUDE_CONFIG_DIR = ${powershellQuote(configDir)}; `
  return `Set-Location -LiteralPath ${powershellQuote(project)} -ErrorAction Stop; ${env}claude --resume ${id}`
}

const posixQuote = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`

/** PowerShell takes four typographic quotes for the plain one. */
const powershellQuote = (text: string) => `'${text.replace(/['‘’‚‛]/g, '$&$&')}'`
