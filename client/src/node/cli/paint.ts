/** Few and calm colours; none where NO_COLOR is set, TERM is dumb or nobody watches (rule CL4). */

export interface Paint {
  bold(text: string): string
  dim(text: string): string
  good(text: string): string
  warn(text: string): string
  bad(text: string): string
  accent(text: string): string
}

export function createPaint(colour: boolean): Paint {
  const sgr = (open: number, close: number) => (text: string) =>
    colour && text !== '' ? `\u001b[${open}m${text}\u001b[${close}m` : text
  return {
    bold: sgr(1, 22),
    dim: sgr(2, 22),
    good: sgr(32, 39),
    warn: sgr(33, 39),
    bad: sgr(31, 39),
    accent: sgr(36, 39),
  }
}

/** `env` as in https://no-color.org and https://force-color.org. */
export function wantsColour(env: Readonly<Record<string, string | undefined>>, tty: boolean) {
  const { NO_COLOR: no, FORCE_COLOR: force, TERM: term } = env
  if (no !== undefined && no !== '') return false
  if (force !== undefined && force !== '' && force !== '0') return true
  return tty && term !== 'dumb'
}
