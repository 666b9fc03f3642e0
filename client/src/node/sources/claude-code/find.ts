/**
 * Walks the projects of one configuration folder and tells of every session (SO4, SO6, SO7): a stat
 * and two short reads each, or a stat alone when the file is as it was last time.
 */
import type { BigIntStats, Dirent } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { FoundSession } from '../../../core/ports/source.ts'
import { type Facts, gatherFacts } from './facts.ts'
import { agent, isSessionId } from './layout.ts'
import { liveSessions } from './liveness.ts'
import { type OpenFile, openRegular, readAt, versionOf } from './open-file.ts'
import { findRepository, type Repository } from './repository.ts'

export interface Finder {
  find(): AsyncIterable<FoundSession>
}

const headBytes = 16 * 1024
const longHeadBytes = 512 * 1024
const tailBytes = 48 * 1024
const atOnce = 16
const maxRemembered = 20_000

/** `projects` is resolved: nothing below it is followed through a link. */
export function createFinder(configDir: string, projects: () => Promise<string>): Finder {
  const remembered = new Map<string, { readonly key: string; readonly facts: Facts }>()

  async function* find(): AsyncGenerator<FoundSession> {
    const root = await projects()
    const live = await liveSessions(configDir)
    const repositories = new Map<string, Promise<Repository | undefined>>()
    for (const folder of await list(root)) {
      if (!folder.isDirectory()) continue
      const files = (await list(join(root, folder.name))).filter(
        (entry) => entry.isFile() && sessionOf(entry.name) !== undefined,
      )
      for (let at = 0; at < files.length; at += atOnce) {
        const some = files.slice(at, at + atOnce)
        const found = await Promise.all(
          some.map((entry) => look(join(root, folder.name, entry.name))),
        )
        for (const each of found) if (each) yield await complete(each, live, repositories)
      }
    }
  }

  async function look(path: string) {
    const open = await openRegular(path).catch(() => undefined)
    if (open === undefined) return undefined
    try {
      if (open.stats.size === 0n) return undefined
      return { path, stats: open.stats, facts: await factsOf(path, open) }
    } finally {
      await open.handle.close()
    }
  }

  async function factsOf(path: string, open: OpenFile): Promise<Facts> {
    const key = versionOf(open.stats)
    const known = remembered.get(path)
    if (known?.key === key) return known.facts
    const facts = await readFacts(open, basename(join(path, '..')))
    if (remembered.size >= maxRemembered)
      remembered.delete(remembered.keys().next().value as string)
    remembered.set(path, { key, facts })
    return facts
  }

  async function complete(
    { path, stats, facts }: { path: string; stats: BigIntStats; facts: Facts },
    live: ReadonlySet<string>,
    repositories: Map<string, Promise<Repository | undefined>>,
  ): Promise<FoundSession> {
    const { project, title } = facts
    const agentSession = sessionOf(basename(path)) as string
    let repository: Repository | undefined
    if (project !== undefined) {
      const asked = repositories.get(project) ?? findRepository(project)
      repositories.set(project, asked)
      repository = await asked
    }
    return {
      agent,
      agentSession,
      path,
      project,
      repository: repository && { remote: repository.remote, below: repository.below },
      title,
      bytes: Number(stats.size),
      modified: Number(stats.mtimeMs),
      live: live.has(agentSession.toLowerCase()),
    }
  }

  return { find }
}

async function readFacts({ handle, stats }: OpenFile, folder: string): Promise<Facts> {
  const size = Number(stats.size)
  const tailAt = Math.max(0, size - tailBytes)
  const tail = await readAt(handle, tailAt, size - tailAt)
  const facts = gatherFacts(await readAt(handle, 0, Math.min(size, headBytes)), tail, folder)
  if ((facts.project && facts.title) || size <= headBytes) return facts
  return gatherFacts(await readAt(handle, 0, Math.min(size, longHeadBytes)), tail, folder)
}

/** In name order, so that two walks of one tree tell the same. */
async function list(path: string): Promise<Dirent[]> {
  const entries = await readdir(path, { withFileTypes: true }).catch(() => [])
  return entries.sort((a, b) => (a.name < b.name ? -1 : 1))
}

function sessionOf(name: string): string | undefined {
  const stem = name.endsWith('.jsonl') ? name.slice(0, -'.jsonl'.length) : ''
  return isSessionId(stem) ? stem : undefined
}
