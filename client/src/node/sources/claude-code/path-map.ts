/**
 * Rewrites a path of the origin into one of this machine, as pure functions of text (PL9). The origin
 * may be of the other family, so both are understood wherever this runs: `C:\w\app` mapped by
 * `C:\w` to `/home/me/w` is `/home/me/w/app`.
 */
import { posix, win32 } from 'node:path'

export interface PathMap {
  readonly from: string
  readonly to: string
}

const isWindows = (path: string) => /^([A-Za-z]:([\\/]|$)|\\\\)/.test(path)

/** By the longest `from` that is the path or a folder above it; undefined when none is. */
export function mapPath(path: string, maps: readonly PathMap[]): string | undefined {
  let best:
    | { readonly to: string; readonly rest: readonly string[]; readonly depth: number }
    | undefined
  for (const { from, to } of maps) {
    const parts = split(from)
    const rest = below(split(path), parts, isWindows(from))
    if (rest !== undefined && parts.length > (best?.depth ?? 0)) {
      best = { to, rest, depth: parts.length }
    }
  }
  if (best === undefined || best.rest.includes('..')) return undefined
  return (isWindows(best.to) ? win32 : posix).join(best.to, ...best.rest)
}

/** `/` is one part, an empty one; so is a drive, or a share with its server. */
function split(path: string): string[] {
  if (!isWindows(path))
    return posix
      .normalize(path)
      .replace(/(.)\/+$/, '$1')
      .split('/')
  return win32.normalize(path).replace(/\\+$/, '').split('\\')
}

function below(
  path: readonly string[],
  above: readonly string[],
  ignoreCase: boolean,
): readonly string[] | undefined {
  const fold = (part: string | undefined) => (ignoreCase ? part?.toLowerCase() : part)
  if (above.length === 2 && above[0] === '' && above[1] === '') return path.slice(1)
  return above.every((part, i) => fold(part) === fold(path[i]))
    ? path.slice(above.length)
    : undefined
}
