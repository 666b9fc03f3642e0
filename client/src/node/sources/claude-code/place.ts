/**
 * Writes a carried session where Claude Code resumes it (PL8 to PL12): in the folder of a project of
 * this machine, sidecars first, the transcript last, since it is what makes a session. Everything is
 * checked before the first byte is written.
 */
import { mkdir, readdir, realpath, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { BatonError } from '@baton/shared/errors'
import { maxSidecars } from '@baton/shared/limits'
import type { Sha256 } from '@baton/shared/primitives'
import type {
  CarriedFile,
  CarriedSession,
  FoundSession,
  Placed,
  PlacedCursor,
  PlaceOptions,
} from '../../../core/ports/source.ts'
import { makeFolders, sweep } from './atomic.ts'
import {
  agent,
  carriedParts,
  encodeProjectDir,
  foldName,
  isRecordFile,
  mainFile,
  parseSessionId,
} from './layout.ts'
import { type PlacedPlan, placeRecords, planRecords } from './placed-records.ts'
import { parseState } from './placed-state.ts'
import { placeWhole } from './placed-whole.ts'
import { findProject } from './project.ts'
import { posixResume, powershellResume } from './resume-line.ts'

export interface Placer {
  readonly sha256: Sha256
  readonly configDir: string
  /** Named in the resume line when it is not where the agent looks by itself. */
  readonly shownConfigDir: string | undefined
  readonly windows: boolean
  find(): AsyncIterable<FoundSession>
  live(agentSession: string): Promise<boolean>
}

export async function place(
  placer: Placer,
  session: CarriedSession,
  options: PlaceOptions,
): Promise<Placed> {
  const id = parseSessionId(options.as ?? session.agentSession)
  const { checked, clashing } = checkFiles(session)
  await refuseLive(placer, id)
  const own = await ownHome(placer, session, options, id)
  const project =
    own?.project ??
    (await earlierProject(placer, options, id)) ??
    (await findProject(session, options, () => placer.find()))
  const folder = own?.folder ?? (await openFolder(placer, project, id))
  // A branch keeps the id it was given, also when it is placed again without being told.
  const earlier = parseState(options.cursors.get(mainFile)?.state)?.as
  const as = options.as ?? (earlier === id ? earlier : undefined)
  const targets = checked.map(({ file, parts }): Target => {
    const folders = parts.length === 0 ? [] : [id, ...parts.slice(0, -1)]
    return { file, folders, path: join(folder, ...folders, parts.at(-1) ?? `${id}.jsonl`) }
  })

  const plans = new Map<Target, PlacedPlan>()
  for (const target of targets) {
    if (target.file.kind === 'whole') continue
    const main = target.folders.length === 0
    const cursor = options.cursors.get(target.file.file)
    const how = { main, as }
    plans.set(target, await planRecords(placer.sha256, target.path, target.file, cursor, how))
  }
  const before = countAll([...plans.values()])

  const cursors = new Map<string, PlacedCursor>()
  const versions = new Map<string, string>()
  const swept = new Set<string>()
  let kept = 0
  for (const target of targets) {
    const { file, path, folders } = target
    const within = await makeFolders(folder, folders)
    if (!swept.has(within)) await sweep(within)
    swept.add(within)
    if (folders.length === 0) await refuseLive(placer, id)
    const plan = plans.get(target)
    const cursor = plan
      ? await placeRecords(placer.sha256, plan, {
          project,
          as,
          own: own !== undefined || undefined,
        })
      : await placeWhole(path, file, options.cursors.get(file.file))
    if (cursor) cursors.set(file.file, cursor)
    else kept++
    if (cursor && !plan) versions.set(file.file, `${cursor.identity}:${cursor.stamp}`)
  }

  const neutralised = difference(countAll([...plans.values()]), before)
  if (kept > 0) neutralised['sidecar-kept'] = kept
  if (clashing > 0) neutralised['sidecar-clash'] = clashing
  const line = placer.windows ? powershellResume : posixResume
  const resume = line({ project, id, configDir: placer.shownConfigDir })
  const { path } = targets.at(-1) as Target
  return { project, path, agentSession: id, cursors, versions, neutralised, resume }
}

/** The project in which this file, or another copy, stands already, unless a person names one. */
async function earlierProject(
  placer: Placer,
  { project, cursors, beside }: PlaceOptions,
  id: string,
): Promise<string | undefined> {
  if (project !== undefined) return undefined
  const cursor = cursors.get(mainFile)
  const own = cursor && basename(cursor.path) === `${id}.jsonl` ? cursor : undefined
  return (await projectOf(placer, own)) ?? (await projectOf(placer, beside?.get(mainFile)))
}

async function projectOf(
  placer: Placer,
  cursor: PlacedCursor | undefined,
): Promise<string | undefined> {
  if (cursor === undefined) return undefined
  const known = [parseState(cursor.state)?.project]
  if (cursor.state === '') {
    for await (const found of placer.find())
      if (found.path === cursor.path) known.push(found.project)
  }
  for (const project of known) {
    const real = project && (await realpath(project).catch(() => undefined))
    if (real && encodeProjectDir(real) === basename(dirname(cursor.path))) return real
  }
  return undefined
}

/**
 * A file of the agent itself stays where it is, wherever its project may have gone: its cursor holds
 * no state of a placement, or that of one that found it so. Nothing for a copy, or what is new.
 */
async function ownHome(
  placer: Placer,
  session: CarriedSession,
  options: PlaceOptions,
  id: string,
): Promise<{ project: string; folder: string } | undefined> {
  const cursor = options.cursors.get(mainFile)
  const state = parseState(cursor?.state)
  if (cursor === undefined || (cursor.state !== '' && state?.own !== true)) return undefined
  const projects = await realpath(join(placer.configDir, 'projects')).catch(() => undefined)
  const home = dirname(cursor.path)
  if (dirname(home) !== projects || basename(cursor.path) !== `${id}.jsonl`) return undefined
  const folder = await makeFolders(projects, [basename(home)])
  for await (const { path, project } of placer.find()) {
    if (path === cursor.path && project !== undefined) return { project, folder }
  }
  return { project: state?.project ?? options.project ?? session.project ?? folder, folder }
}

/** The project's folder, made when it is new and swept of what a killed writer left. */
async function openFolder(placer: Placer, project: string, id: string): Promise<string> {
  await mkdir(join(placer.configDir, 'projects'), { recursive: true, mode: 0o700 })
  const projects = await realpath(join(placer.configDir, 'projects'))
  const name = encodeProjectDir(project)
  await refuseElsewhere(projects, name, id)
  return makeFolders(projects, [name])
}

interface Target {
  readonly file: CarriedFile
  /** Below the project's folder; none for the transcript. */
  readonly folders: readonly string[]
  readonly path: string
}

interface Checked {
  readonly file: CarriedFile
  /** Below the sidecar folder; empty for the transcript. */
  readonly parts: readonly string[]
}

/**
 * Sidecars in their order, the transcript last: a session is there only when all of it is. Of names
 * that no disk may have side by side (in another case, or a folder where a file was) the first stays
 * and the others are counted: what a sidecar was called must not keep a session from its agent.
 */
function checkFiles(session: CarriedSession): { checked: Checked[]; clashing: number } {
  const refuse = (why: string) => new BatonError('invalid', `failed to place the session: ${why}`)
  if (session.agent !== agent) throw refuse('it is of another agent')
  if (session.files.length > maxSidecars + 1) throw refuse('too many files')
  const checked: Checked[] = []
  const names = createNames()
  let clashing = 0
  let main: Checked | undefined
  for (const file of session.files) {
    if (file.file === mainFile) {
      if (main !== undefined) throw refuse('two transcripts')
      if (file.kind !== 'records' || file.records === 0) throw refuse('its transcript is empty')
      main = { file, parts: [] }
      continue
    }
    const parts = carriedParts(file.file)
    if (parts === undefined) throw refuse('the name of a sidecar is not safe')
    if (isRecordFile(parts) !== (file.kind === 'records')) throw refuse('a sidecar of another kind')
    if (names.take(parts)) checked.push({ file, parts })
    else clashing++
  }
  if (main === undefined) throw refuse('it has no transcript')
  return { checked: [...checked, main], clashing }
}

/** The names of files and folders that are taken, as the least telling of file systems sees them. */
function createNames() {
  const files = new Set<string>()
  const folders = new Set<string>()
  return {
    /** False when a file, or a folder on the way to it, cannot be there beside what was taken. */
    take(parts: readonly string[]): boolean {
      const paths = parts.map((_, at) => foldName(parts.slice(0, at + 1).join('/')))
      const file = paths.pop() as string
      if (files.has(file) || folders.has(file) || paths.some((path) => files.has(path)))
        return false
      files.add(file)
      for (const path of paths) folders.add(path)
      return true
    },
  }
}

async function refuseLive(placer: Placer, id: string): Promise<void> {
  if (!(await placer.live(id))) return
  throw new BatonError('place-live', 'failed to place the session: the agent has it open here', {
    hint: 'leave it there first, then place it again',
  })
}

/** One id in two project folders is two histories under one name. */
async function refuseElsewhere(projects: string, name: string, id: string): Promise<void> {
  for (const folder of await readdir(projects)) {
    if (folder === name) continue
    const there = await stat(join(projects, folder, `${id}.jsonl`)).catch(() => undefined)
    if (there === undefined) continue
    throw new BatonError(
      'place-exists',
      'failed to place the session: another project here has it',
      {
        hint: `it stands in ${join(projects, folder)}; place it in that project with --project, or remove it`,
      },
    )
  }
}

function countAll(plans: readonly PlacedPlan[]): Record<string, number> {
  const sum: Record<string, number> = {}
  for (const { placement } of plans) {
    for (const [what, n] of Object.entries(placement.counts)) sum[what] = (sum[what] ?? 0) + n
  }
  return sum
}

function difference(after: Record<string, number>, before: Record<string, number>) {
  const rest: Record<string, number> = {}
  for (const [what, n] of Object.entries(after)) {
    if (n > (before[what] ?? 0)) rest[what] = n - (before[what] ?? 0)
  }
  return rest
}
