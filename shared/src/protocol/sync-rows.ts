/** Heads of a session's logs as rows of a VECTOR, and back. */
import type { Bytes } from '../bytes.ts'
import { deviceId, idBytes, joinLogId, type LogId, type SessionId, splitLogId } from '../ids.ts'
import type { SyncHead } from './sync-effects.ts'
import type { SyncForm } from './sync-messages.ts'

type Rows = SyncForm<'vector'>[3]

/** What a peer says of one log. */
export interface Told {
  readonly seq: number
  /** 8 bytes. */
  readonly h: Bytes
}

export const vectorRows = (heads: readonly SyncHead[]): Rows =>
  heads.map(({ log, seq, h }) => {
    const { device, incarnation } = splitLogId(log)
    return [idBytes(device), incarnation, seq, h.slice(0, 8)]
  })

export const readRows = (session: SessionId, rows: Rows): Map<LogId, Told> =>
  new Map(
    rows.map(([device, incarnation, seq, h]) => [
      joinLogId(session, deviceId(device), incarnation),
      { seq, h },
    ]),
  )
