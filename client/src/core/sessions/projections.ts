/**
 * Which files of this device stand for which session, and how far each agrees with the log (rule
 * IM6): one row per main file, with a cursor per carried file. A file with a cursor is never
 * imported as new.
 */
import { type Bytes, utf8Encode } from '@baton/shared/bytes'
import { decode, encode, type Value } from '@baton/shared/encoding/msgpack'
import { BatonError } from '@baton/shared/errors'
import { idBytes, type SessionId, sessionId } from '@baton/shared/ids'
import { encodePosition, type Position, parsePosition } from '@baton/shared/model/agent-entries'
import type { Sha256 } from '@baton/shared/primitives'
import type { PlacedCursor } from '../ports/source.ts'
import type { Store, Write } from '../ports/store.ts'
import { pathKey, projectionKey, under } from '../repo/keys.ts'

export interface ProjectedFile {
  readonly cursor: PlacedCursor
  /** The same point in the log. */
  readonly position: Position
}

export interface Projection {
  readonly session: SessionId
  /** Absolute path of the main file. */
  readonly path: string
  readonly agentSession: string
  /** `origin`: the agent's own file; `placed`: written by us for the agent to go on from. */
  readonly kind: 'origin' | 'placed'
  /** By carried path. */
  readonly files: ReadonlyMap<string, ProjectedFile>
  /** Versions of whole files already carried. */
  readonly versions: ReadonlyMap<string, string>
}

export interface Projections {
  ofPath(path: string): Promise<Projection | undefined>
  ofSession(session: SessionId): Promise<readonly Projection[]>
  /** The rows that replace a projection as a whole. */
  rows(projection: Projection): readonly Write[]
}

export function createProjections(store: Store, sha256: Sha256): Projections {
  const hash = (path: string): Bytes => sha256(utf8Encode(path))
  return {
    async ofPath(path) {
      const row = await store.get(pathKey(hash(path)))
      if (!row) return undefined
      const session = sessionId(row)
      const found = await store.get(projectionKey(session, hash(path)))
      return found && readProjection(session, found)
    },
    async ofSession(session) {
      const found: Projection[] = []
      for await (const [, row] of store.list(under('j', idBytes(session)))) {
        found.push(readProjection(session, row))
      }
      return found
    },
    rows: (projection) => [
      { put: pathKey(hash(projection.path)), value: idBytes(projection.session) },
      {
        put: projectionKey(projection.session, hash(projection.path)),
        value: writeProjection(projection),
      },
    ],
  }
}

function writeProjection(projection: Projection): Bytes {
  return encode([
    projection.path,
    projection.agentSession,
    projection.kind,
    [...projection.files].map(
      ([file, { cursor, position }]): Value => [file, { ...cursor }, encodePosition(position)],
    ),
    [...projection.versions].map(([file, version]): Value => [file, version]),
  ])
}

function readProjection(session: SessionId, row: Bytes): Projection {
  const [path, agentSession, kind, files, versions] = decode(row, {
    maxValues: 1_000_000,
  }) as unknown as [
    string,
    string,
    Projection['kind'],
    [string, PlacedCursor, Value][],
    [string, string][],
  ]
  return {
    session,
    path,
    agentSession,
    kind,
    files: new Map(
      files.map(([file, cursor, at]): [string, ProjectedFile] => {
        const position = parsePosition(at)
        if (!position) throw new BatonError('store-corrupt', 'failed to read a projection')
        return [file, { cursor: { ...cursor }, position }]
      }),
    ),
    versions: new Map(versions),
  }
}
