/**
 * Brings an agent's files up to what the log shows (rules PJ1, PJ2): the author's own file is
 * extended with what was adopted, a receiver's copy is placed or extended, and a history that the
 * file on disk does not begin is written beside it under a new agent id.
 */
import type { Bytes } from '@baton/shared/bytes'
import type { FileHistory } from '@baton/shared/conflict/history'
import { samePoint } from '@baton/shared/conflict/transcript'
import { BatonError } from '@baton/shared/errors'
import type { SessionId } from '@baton/shared/ids'
import { type AgentDescriptor, fileStart, type Position } from '@baton/shared/model/agent-entries'
import type { Primitives } from '@baton/shared/primitives'
import { createLanes, type InTurn } from '../lanes.ts'
import type { Random, Trace } from '../ports/platform.ts'
import type { CarriedFile, Placed, PlacedCursor, Source } from '../ports/source.ts'
import type { Repository } from '../repo/repository.ts'
import { attempt, notPlaced, type Outcome } from './outcome.ts'
import type { ProjectedFile, Projection, Projections } from './projections.ts'
import type { Transcripts } from './transcripts.ts'
import { type SessionView, viewFor } from './views.ts'

export interface PlaceRequest {
  readonly session: SessionId
  readonly descriptor: AgentDescriptor
  readonly view: SessionView
  readonly maps: readonly { readonly from: string; readonly to: string }[]
  readonly project?: string
}

export type PlaceHere = Pick<PlaceRequest, 'maps' | 'project'>

export interface Placing {
  /** Rejects as `Source.place` does. */
  place(source: Source, request: PlaceRequest): Promise<Placed>
  /**
   * A session that came by itself, in the place of its agent on this device. Resolves with why not;
   * rejects with `store-corrupt`.
   */
  placeHere(session: SessionId, where: PlaceHere): Promise<Outcome>
  /** A view in a file of its own under a fresh id, which is a session of its own from then on. */
  placeApart(source: Source, request: PlaceRequest): Promise<Placed>
  /** The file that already begins this view, if one does. */
  projectionOf(session: SessionId, view: SessionView): Promise<Projection | undefined>
}

export function createPlacing(ports: {
  readonly repository: Repository
  readonly transcripts: Transcripts
  readonly projections: Projections
  readonly random: Random
  readonly primitives: Pick<Primitives, 'sha256'>
  readonly sources: readonly Source[]
  readonly trace: Trace
  /** Shared with who imports: between its file and its row a session is not read. */
  readonly inTurn?: InTurn<SessionId>
}): Placing {
  const { repository, transcripts, projections } = ports
  const inTurn = ports.inTurn ?? createLanes<SessionId>()

  /** True when every line file of the projection is a beginning of the view's. */
  async function begins(projection: Projection, view: SessionView): Promise<boolean> {
    for (const [file, { position }] of projection.files) {
      const history = view.files.get(file)
      if (history?.kind !== 'records' || !(await passes(history, position))) return false
    }
    return true
  }

  async function passes(
    history: Extract<FileHistory, { kind: 'records' }>,
    point: Position,
  ): Promise<boolean> {
    if (samePoint(point, fileStart) || samePoint(point, history.end)) return true
    const { at } = point
    return history.spans.some((s) => s.log === at?.log && s.from <= at.seq && at.seq <= s.to)
  }

  async function projectionOf(session: SessionId, view: SessionView) {
    for (const projection of await projections.ofSession(session)) {
      if (await begins(projection, view)) return projection
    }
    return undefined
  }

  function carried(history: FileHistory): CarriedFile {
    const whole = history.kind === 'whole'
    return {
      file: history.file,
      kind: history.kind,
      records: whole ? 0 : history.end.records,
      bytes: whole ? history.bytes : history.end.bytes,
      digest: whole ? history.sha256 : history.end.record,
      read: (after = 0) =>
        whole ? transcripts.chunks(history) : transcripts.lines(history, after),
    }
  }

  const place = (source: Source, request: PlaceRequest): Promise<Placed> =>
    inTurn(request.session, () => write(source, request))

  async function write(source: Source, request: PlaceRequest): Promise<Placed> {
    const { session, descriptor, view } = request
    const before = await projectionOf(session, view)
    const [other] = before === undefined ? await projections.ofSession(session) : []
    const cursors = cursorsOf(before)
    const placed = await source.place(
      {
        agent: descriptor.agent,
        agentSession: before?.agentSession ?? descriptor.agentSession,
        project: descriptor.project,
        repository: descriptor.repository,
        files: [...view.files.values()].map(carried),
      },
      {
        maps: request.maps,
        ...(request.project === undefined ? {} : { project: request.project }),
        cursors,
        // Another history stands in the file of that id already: this one gets a file of its own.
        ...(other ? { as: uuid(ports.random.bytes(16)), beside: cursorsOf(other) } : {}),
      },
    )
    const files = new Map<string, ProjectedFile>()
    for (const [file, cursor] of placed.cursors) {
      const history = view.files.get(file)
      if (history?.kind === 'records') files.set(file, { cursor, position: history.end })
    }
    const projection: Projection = {
      session,
      path: placed.path,
      agentSession: placed.agentSession,
      kind: before?.kind ?? 'placed',
      files,
      versions: new Map([...(before?.versions ?? []), ...placed.versions]),
    }
    await repository.write(session, () => projections.rows(projection))
    return placed
  }

  async function placeApart(source: Source, request: PlaceRequest): Promise<Placed> {
    const { session, descriptor, view, maps, project } = request
    const [copy] = await projections.ofSession(session)
    return source.place(
      {
        ...{ agent: descriptor.agent, agentSession: descriptor.agentSession },
        ...{ project: descriptor.project, repository: descriptor.repository },
        files: [...view.files.values()].map(carried),
      },
      {
        ...{ maps, cursors: new Map(), as: uuid(ports.random.bytes(16)) },
        ...(project === undefined ? {} : { project }),
        ...(copy ? { beside: cursorsOf(copy) } : {}),
      },
    )
  }

  async function placeHere(session: SessionId, where: PlaceHere): Promise<Outcome> {
    const state = await transcripts.state(session)
    const { author, descriptor } = state
    const source = ports.sources.find(({ agent }) => agent === descriptor?.agent)
    if (!descriptor || !source) {
      return notPlaced('not-found', 'no agent here reads such a session', 'it is kept for reading')
    }
    if (author === repository.device && (await projections.ofSession(session)).length > 0) {
      return notPlaced('place-exists', 'the file it was read from is here', 'baton show reads it')
    }
    const view = viewFor(state, ports.primitives.sha256, repository.device)
    return attempt(ports.trace, () => place(source, { session, descriptor, view, ...where }))
  }

  return { place, placeHere, placeApart, projectionOf }
}

const cursorsOf = (projection: Projection | undefined): Map<string, PlacedCursor> =>
  new Map([...(projection?.files ?? [])].map(([file, { cursor }]) => [file, cursor]))

/** RFC 9562 version 4. */
function uuid(random: Bytes): string {
  if (random.length !== 16) throw new BatonError('invalid', 'a uuid needs 16 random bytes')
  const bytes = random.slice()
  bytes[6] = ((bytes[6] as number) & 0x0f) | 0x40
  bytes[8] = ((bytes[8] as number) & 0x3f) | 0x80
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
  return [8, 12, 16, 20].reduceRight((text, at) => `${text.slice(0, at)}-${text.slice(at)}`, hex)
}
