/**
 * Which sessions a running Claude Code has open: its registry `sessions/<pid>.json` (SO9). An entry
 * counts when its process is alive and, on Linux, started when the entry says; elsewhere a reused
 * process id can make a dead session look live, never the other way round.
 */
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import * as z from 'zod/mini'
import { isSessionId } from './layout.ts'
import { openRegular, readAt } from './open-file.ts'

const entrySchema = z.object({
  pid: z.int().check(z.positive()),
  sessionId: z.string(),
  procStart: z.optional(z.union([z.string(), z.number()])),
})

const maxEntries = 1000
const maxEntryBytes = 64 * 1024

/** Ids of the sessions that are open now. */
export async function liveSessions(configDir: string): Promise<ReadonlySet<string>> {
  const folder = join(configDir, 'sessions')
  const names = await readdir(folder).catch(() => [])
  const live = new Set<string>()
  for (const name of names.filter((each) => each.endsWith('.json')).slice(0, maxEntries)) {
    const entry = await readEntry(join(folder, name))
    if (entry && isSessionId(entry.sessionId) && (await isRunning(entry))) {
      live.add(entry.sessionId.toLowerCase())
    }
  }
  return live
}

async function readEntry(path: string): Promise<z.infer<typeof entrySchema> | undefined> {
  const open = await openRegular(path).catch(() => undefined)
  if (open === undefined) return undefined
  try {
    if (open.stats.size > maxEntryBytes) return undefined
    const text = (await readAt(open.handle, 0, Number(open.stats.size))).toString('utf8')
    return entrySchema.safeParse(JSON.parse(text)).data
  } catch {
    // Half-written, or of a version that writes something else: it tells nothing.
    return undefined
  } finally {
    await open.handle.close()
  }
}

async function isRunning(entry: z.infer<typeof entrySchema>): Promise<boolean> {
  if (!isAlive(entry.pid)) return false
  if (process.platform !== 'linux' || entry.procStart === undefined) return true
  const start = await startTime(entry.pid)
  return start === undefined || start === String(entry.procStart)
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as { code?: string }).code === 'EPERM'
  }
}

/** Field 22 of /proc/<pid>/stat, counted behind the command name, which may hold blanks. */
async function startTime(pid: number): Promise<string | undefined> {
  const open = await openRegular(`/proc/${pid}/stat`).catch(() => undefined)
  if (open === undefined) return undefined
  try {
    return parseStartTime((await readAt(open.handle, 0, 4096)).toString('latin1'))
  } finally {
    await open.handle.close()
  }
}

export function parseStartTime(stat: string): string | undefined {
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
}
