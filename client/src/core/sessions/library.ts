/**
 * The sessions a person can name (rules LB1 to LB3): those found in agents' folders and those that
 * were carried, one row each, and which of them a reference means.
 */
import type { Branch } from '@baton/shared/conflict/branches'
import { speakerOf } from '@baton/shared/conflict/ranking'
import { BatonError, isBatonError } from '@baton/shared/errors'
import type { SessionId } from '@baton/shared/ids'
import type { Sha256 } from '@baton/shared/primitives'
import { traceFault } from '../fault.ts'
import type { BranchRow, SessionRow } from '../mesh-api.ts'
import type { Trace } from '../ports/platform.ts'
import type { FoundSession, Source } from '../ports/source.ts'
import type { Repository } from '../repo/repository.ts'
import { type DocumentRows, documentRow, isDocument } from './document-row.ts'
import type { Projection, Projections } from './projections.ts'
import type { Sharing } from './sharing.ts'
import type { Transcripts } from './transcripts.ts'
import { viewFor } from './views.ts'

export interface Found {
  readonly source: Source
  readonly found: FoundSession
}

export interface Library {
  rows(): Promise<SessionRow[]>
  row(session: SessionId): Promise<SessionRow>
  /** What `ref` names: a file on this disk, a carried session, or both. Throws `not-found`, `ambiguous`. */
  resolve(ref: string): Promise<{ readonly session?: SessionId; readonly found?: Found }>
  /** The files of this device that stand for a session, as sources find them now. */
  filesOf(session: SessionId): Promise<Found[]>
}

export interface LibraryPorts {
  readonly repository: Repository
  readonly transcripts: Transcripts
  readonly projections: Projections
  readonly sharing: Sharing
  readonly documents: DocumentRows
  readonly sha256: Sha256
  readonly trace: Trace
  readonly sources: readonly Source[]
}

const minPrefix = 4

export function createLibrary(ports: LibraryPorts): Library {
  const { repository, transcripts, projections, sharing } = ports

  async function* find(): AsyncIterable<Found> {
    for (const source of ports.sources) {
      for await (const found of source.find()) yield { source, found }
    }
  }

  const carried = () => repository.sessions().filter((id) => sharing.author(id) !== undefined)

  /** Undefined, and traced, for a session whose log is damaged: it must not hide the others. */
  async function unlessDamaged<T>(reading: Promise<T>): Promise<T | undefined> {
    try {
      return await reading
    } catch (error) {
      if (!isBatonError(error) || error.code !== 'store-corrupt') throw error
      traceFault(ports.trace, 'session.damaged', error)
      return undefined
    }
  }

  async function row(session: SessionId, file?: FoundSession): Promise<SessionRow> {
    if (isDocument(sharing, session)) return documentRow(ports, session)
    const state = await transcripts.state(session)
    const view = viewFor(state, ports.sha256, repository.device)
    const own = await projections.ofSession(session)
    const placed = own.find((projection) => projection.kind === 'placed')
    const { descriptor, author } = state
    const told = sharing.descriptor(session)
    return {
      id: session,
      agent: descriptor?.agent ?? file?.agent ?? told?.kind ?? 'unknown',
      agentSession: descriptor?.agentSession ?? file?.agentSession ?? '',
      title: file?.title ?? told?.title,
      project: file?.project ?? descriptor?.project,
      origin: author ?? repository.device,
      records: view.records,
      bytes: view.bytes,
      modified: file?.modified ?? told?.created ?? 0,
      live: file?.live ?? false,
      ...(state.held && { holder: speakerOf(state) }),
      placed: placed?.path,
      sharedWith: [...sharing.members(session)].filter((device) => device !== repository.device),
      branches: await branchRows(session, own, view.branch),
    }
  }

  async function branchRows(
    session: SessionId,
    own: readonly Projection[],
    view: Branch | undefined,
  ): Promise<BranchRow[]> {
    const all = await transcripts.branches(session)
    const newest = all.filter(({ device }) => device === repository.device).at(-1)
    return all.map((branch) => ({
      name: branch.name,
      device: branch.device,
      records: branch.records,
      modified: branch.changed,
      ...(view && branch === newest ? { shown: true } : {}),
      placed: own.find((p) => branch.device !== repository.device && p.agentSession === branch.name)
        ?.path,
    }))
  }

  function foundRow({ found }: Found): SessionRow {
    return {
      id: undefined,
      agent: found.agent,
      agentSession: found.agentSession,
      title: found.title,
      project: found.project,
      origin: repository.device,
      records: undefined,
      bytes: found.bytes,
      modified: found.modified,
      live: found.live,
      placed: undefined,
      sharedWith: [],
      branches: [],
    }
  }

  async function rows(): Promise<SessionRow[]> {
    const out: SessionRow[] = []
    const seen = new Set<SessionId>()
    for await (const item of find()) {
      const projection = await projections.ofPath(item.found.path)
      if (!projection) out.push(foundRow(item))
      else if (!seen.has(projection.session)) {
        seen.add(projection.session)
        out.push((await unlessDamaged(row(projection.session, item.found))) ?? foundRow(item))
      }
    }
    for (const session of carried()) {
      const carriedRow = seen.has(session) ? undefined : await unlessDamaged(row(session))
      if (carriedRow) out.push(carriedRow)
    }
    return out.sort((a, b) => b.modified - a.modified)
  }

  async function filesOf(session: SessionId): Promise<Found[]> {
    const paths = new Set((await projections.ofSession(session)).map(({ path }) => path))
    const files: Found[] = []
    if (paths.size === 0) return files
    for await (const item of find()) if (paths.has(item.found.path)) files.push(item)
    return files
  }

  async function resolve(ref: string) {
    const matches = new Map<string, { session?: SessionId; found?: Found }>()
    const fits = (id: string) => id === ref || (ref.length >= minPrefix && id.startsWith(ref))
    for await (const item of find()) {
      const session = (await projections.ofPath(item.found.path))?.session
      if (!fits(item.found.agentSession) && !(session && fits(session))) continue
      const known = session && matches.get(session)
      if (known) continue
      matches.set(session ?? item.found.path, { ...(session ? { session } : {}), found: item })
    }
    for (const session of carried()) {
      if (matches.has(session)) continue
      const state = await unlessDamaged(transcripts.state(session))
      if (fits(session) || fits(state?.descriptor?.agentSession ?? ''))
        matches.set(session, { session })
    }
    const [first, ...more] = [...matches.values()]
    if (!first) {
      throw new BatonError('not-found', 'no session has this id', {
        hint: `baton sessions lists them; the first ${minPrefix} letters of an id are enough`,
      })
    }
    if (more.length === 0) return first
    const exact = [...matches].find(([, { found }]) => found?.found.agentSession === ref)
    if (exact) return exact[1]
    throw new BatonError('ambiguous', `${matches.size} sessions begin like this`, {
      hint: 'give more letters of the id',
    })
  }

  return { rows, row: (session) => row(session), resolve, filesOf }
}
