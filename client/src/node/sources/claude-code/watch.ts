/**
 * Tells when files of one session may have changed (SO10): the system's own watch on its folders, a
 * look every few seconds for what that misses, bursts joined into one call. A wake too many is
 * possible, a wake that never comes is not.
 */
import { type FSWatcher, watch as watchFolder } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { Clock } from '../../../core/ports/platform.ts'

export const joinMs = 100
export const pollMs = 2_000
const maxFolders = 64

/** `path` is the main transcript. Returns how to stop; after that `wake` is not called again. */
export function watchSession(clock: Clock, path: string, wake: () => void): () => void {
  const sidecar = path.slice(0, -'.jsonl'.length)
  const name = basename(sidecar)
  const watchers = new Map<string, FSWatcher>()
  let stopped = false
  let cancelJoin: (() => void) | undefined
  let cancelPoll: (() => void) | undefined
  let seen: string | undefined

  const stir = () => {
    if (stopped || cancelJoin !== undefined) return
    cancelJoin = clock.after(joinMs, () => {
      cancelJoin = undefined
      wake()
    })
  }

  const attach = (folder: string, matters: (file: string | null) => boolean) => {
    if (stopped || watchers.has(folder) || watchers.size >= maxFolders) return
    try {
      const watcher = watchFolder(folder, { persistent: false }, (_, file) => {
        if (matters(file)) stir()
      })
      const drop = () => {
        watcher.close()
        watchers.delete(folder)
      }
      watcher.on('error', drop)
      watchers.set(folder, watcher)
    } catch {
      // Out of watches, or the folder went: the regular look sees it all the same.
    }
  }

  const look = async () => {
    attach(dirname(path), (file) => file === null || file.startsWith(name))
    const folders = await foldersBelow(sidecar)
    for (const folder of watchers.keys()) {
      if (folder !== dirname(path) && !folders.includes(folder)) watchers.get(folder)?.close()
      if (folder !== dirname(path) && !folders.includes(folder)) watchers.delete(folder)
    }
    for (const folder of folders) attach(folder, () => true)
    const now = await signature([path, ...folders])
    if (seen !== undefined && now !== seen) stir()
    seen = now
    if (!stopped) cancelPoll = clock.after(pollMs, () => void look())
  }
  void look()

  return () => {
    stopped = true
    cancelJoin?.()
    cancelPoll?.()
    for (const watcher of watchers.values()) watcher.close()
    watchers.clear()
  }
}

/** The folder and those below it, not through links. */
async function foldersBelow(folder: string): Promise<string[]> {
  const found: string[] = []
  const queue = [folder]
  while (queue.length > 0 && found.length < maxFolders) {
    const next = queue.shift() as string
    const entries = await readdir(next, { withFileTypes: true }).catch(() => undefined)
    if (entries === undefined) continue
    found.push(next)
    for (const entry of entries) if (entry.isDirectory()) queue.push(join(next, entry.name))
  }
  return found
}

/** Sizes and times of the main file and of everything in the folders. */
async function signature([main, ...folders]: readonly string[]): Promise<string> {
  const parts = [await stampAt(main as string)]
  for (const folder of folders) {
    const names = await readdir(folder).catch(() => [])
    for (const name of names.sort()) parts.push(name, await stampAt(join(folder, name)))
  }
  return parts.join('\n')
}

async function stampAt(path: string): Promise<string> {
  const stats = await stat(path).catch(() => undefined)
  return stats === undefined ? '-' : `${stats.ino}:${stats.size}:${stats.mtimeMs}`
}
