/**
 * Which directory of this machine a carried session belongs to (PL8): the one a person named, a
 * mapped one, the same path, or a clone of the same repository among the projects known here. What
 * the peer says of paths is only ever looked up, never created.
 */
import { realpath, stat } from 'node:fs/promises'
import { isAbsolute, join, sep } from 'node:path'
import { BatonError } from '@baton/shared/errors'
import type { CarriedSession, FoundSession, PlaceOptions } from '../../../core/ports/source.ts'
import { mapPath } from './path-map.ts'
import { findRepository, remoteKey } from './repository.ts'

/** The real path of the project's directory here, or `place-unmapped`. */
export async function findProject(
  session: CarriedSession,
  options: PlaceOptions,
  known: () => AsyncIterable<FoundSession>,
): Promise<string> {
  if (options.project !== undefined) {
    const named = await absolute(options.project)
    if (named) return named
    throw unmapped('the named project is no directory here', session)
  }
  const { project } = session
  if (project !== undefined && isPlainPath(project)) {
    const mapped = mapPath(project, options.maps)
    if (mapped !== undefined) {
      const there = await absolute(mapped)
      if (there) return there
      throw unmapped('the mapped project is no directory here', session)
    }
    const same = await absolute(project)
    if (same) return same
  }
  const clone = await findClone(session, known)
  if (clone) return clone
  throw unmapped('its project is not known here', session)
}

/** The clone most lately worked in. */
async function findClone(
  { repository }: CarriedSession,
  known: () => AsyncIterable<FoundSession>,
): Promise<string | undefined> {
  const key = repository && remoteKey(repository.remote)
  if (repository === undefined || key === undefined || !isBelow(repository.below)) return undefined
  const modified = new Map<string, number>()
  for await (const { project, repository: here, modified: at } of known()) {
    if (project === undefined || here === undefined || remoteKey(here.remote) !== key) continue
    modified.set(project, Math.max(at, modified.get(project) ?? 0))
  }
  for (const [project] of [...modified].sort(([, a], [, b]) => b - a)) {
    const root = (await findRepository(project))?.root
    const found = root && (await directory(join(root, ...repository.below.split('/'))))
    if (found && inside(found, (await directory(root as string)) ?? '')) return found
  }
  return undefined
}

const isPlainPath = (path: string) => path.length <= 4096 && !/[\p{Cc}\p{Cf}]/u.test(path)

/** A path below a root: a peer's words, so nothing that could lead out of it. */
export const isBelow = (below: string): boolean =>
  isPlainPath(below) &&
  !below.includes('\\') &&
  !below.includes(':') &&
  (below === '' || below.split('/').every((part) => part !== '' && part !== '.' && part !== '..'))

const inside = (path: string, root: string) =>
  path === root || path.startsWith(root.endsWith(sep) ? root : root + sep)

/** A relative path would mean whatever directory this process happens to run in. */
const absolute = async (path: string) =>
  isAbsolute(path) && isPlainPath(path) ? directory(path) : undefined

async function directory(path: string): Promise<string | undefined> {
  const stats = await stat(path).catch(() => undefined)
  return stats?.isDirectory() ? realpath(path) : undefined
}

function unmapped(why: string, { project }: CarriedSession): BatonError {
  const from = project !== undefined && isPlainPath(project) ? project : undefined
  const quoted = from && `'${from.replaceAll("'", `'\\''`)}'`
  return new BatonError('place-unmapped', `failed to place the session: ${why}`, {
    hint: quoted
      ? `name the directory here: --map ${quoted}=/path/here, or --project /path/here`
      : 'name the directory here: --project /path/here',
  })
}
