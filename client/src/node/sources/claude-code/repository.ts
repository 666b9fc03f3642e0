/**
 * The git repository a directory belongs to, read from its files: no git process runs (SO8). Linked
 * worktrees and submodules (`gitdir:` files) are followed; includes in git's configuration are not.
 */
import { lstat } from 'node:fs/promises'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { openRegular, readAt } from './open-file.ts'

export interface Repository {
  /** URL of `origin`, else of the first remote; without user name or password. */
  readonly remote: string
  /** The directory below the root of its working tree, with forward slashes; empty at the root. */
  readonly below: string
  /** Absolute path of that root. */
  readonly root: string
}

const maxLevels = 64
const maxConfigBytes = 256 * 1024

export async function findRepository(directory: string): Promise<Repository | undefined> {
  let root = resolve(directory)
  for (let level = 0; level < maxLevels; level++) {
    const git = join(root, '.git')
    const stats = await lstat(git).catch(() => undefined)
    if (stats !== undefined) {
      const config = stats.isFile() ? await configOfLink(root, git) : join(git, 'config')
      const remote = config && parseRemote((await readSmall(config)) ?? '')
      if (!remote) return undefined
      return { remote, below: relative(root, resolve(directory)).split(sep).join('/'), root }
    }
    const parent = dirname(root)
    if (parent === root) return undefined
    root = parent
  }
  return undefined
}

/** A worktree's own git directory names the one it shares; a submodule's is complete. */
async function configOfLink(root: string, link: string): Promise<string | undefined> {
  const target = (await readSmall(link))?.match(/^gitdir: (.+?)\s*$/m)?.[1]
  if (target === undefined) return undefined
  const gitDir = resolve(root, target)
  const common = (await readSmall(join(gitDir, 'commondir')))?.trim()
  return join(common ? resolve(gitDir, common) : gitDir, 'config')
}

async function readSmall(path: string): Promise<string | undefined> {
  const open = await openRegular(path).catch(() => undefined)
  if (open === undefined) return undefined
  try {
    if (open.stats.size > maxConfigBytes) return undefined
    return (await readAt(open.handle, 0, Number(open.stats.size))).toString('utf8')
  } finally {
    await open.handle.close()
  }
}

/** The remote of a git configuration file. A remote on this machine's disk names no repository. */
export function parseRemote(config: string): string | undefined {
  let section = ''
  const urls = new Map<string, string>()
  for (const line of config.split('\n')) {
    const header = line.match(/^\s*\[\s*remote\s+"((?:[^"\\]|\\.)*)"\s*\]/i)
    if (header) section = header[1] as string
    else if (/^\s*\[/.test(line)) section = ''
    const url = line.match(/^\s*url\s*=\s*"?([^"#;\s]+)"?/i)?.[1]
    if (section !== '' && url !== undefined && !urls.has(section)) urls.set(section, url)
  }
  const url = urls.get('origin') ?? urls.values().next().value
  return url === undefined || remoteKey(url) === undefined ? undefined : withoutUser(url)
}

/** A token in a URL is a credential: it stays here. The user of an ssh address is part of it. */
const withoutUser = (url: string) => url.replace(/^(https?:\/\/)[^/@]*@/i, '$1')

/**
 * What two spellings of one repository have in common, `host/path`, or undefined for a local path.
 * `https://h/a/b.git`, `ssh://git@h:22/a/b` and `git@h:a/b.git` are one.
 */
export function remoteKey(url: string): string | undefined {
  if (url.length > 2048) return undefined
  const match =
    url.match(/^(?:https?|ssh|git):\/\/(?:[^/@]*@)?([^/:]+)(?::\d+)?\/+(.+)$/i) ??
    url.match(/^[^/@:]+@([^/:@]+):\/*(.+)$/) ??
    // One letter before the colon would be a Windows drive.
    url.match(/^([^/:@]{2,}):(?!\/\/|\\)\/*(.+)$/)
  if (!match) return undefined
  const path = (match[2] as string).replace(/\/+$/, '').replace(/\.git$/i, '')
  return path === '' ? undefined : `${(match[1] as string).toLowerCase()}/${path}`
}
