/** Which of a device's own logs it pays to say again (rule CX2). */
import type { DocumentState } from '@baton/shared/conflict/document'
import { type Restatement, restate, type Standing } from '@baton/shared/conflict/restating'
import { encode } from '@baton/shared/encoding/msgpack'
import type { LogId } from '@baton/shared/ids'
import { checkpointBytes } from '@baton/shared/limits'
import type { StoredHead } from '../repo/rows.ts'

export interface Plan {
  /** Of the logs that are said again. */
  readonly heads: readonly StoredHead[]
  readonly restatement: Restatement
  /** Of what is said again. */
  readonly bytes: number
}

/** Bytes of the bodies that are held. */
export const sizeOf = (heads: readonly StoredHead[]): number =>
  heads.reduce((sum, { bytes }) => sum + bytes, 0)

/** Undefined where an entry could not name all that it has to. `logs`: of each all that is held. */
export function planOf(
  state: DocumentState,
  heads: readonly StoredHead[],
  logs: readonly (readonly Standing[])[],
): Plan | undefined {
  const restatement = restate(state, logs.flat())
  if (!restatement) return undefined
  const names = new Set(logs.map(([first]) => first?.place.log))
  const of = heads.filter(({ log }) => names.has(log))
  return { heads: of, restatement, bytes: sizes(restatement).total }
}

/** A log that mostly counts stays: saying it again frees little, and an entry moves only so often. */
export function planWhatPays(
  state: DocumentState,
  heads: readonly StoredHead[],
  logs: readonly (readonly Standing[])[],
): Plan | undefined {
  const first = planOf(state, heads, logs)
  if (!first) return undefined
  const { byLog } = sizes(first.restatement)
  const rest = logs.filter(([entry]) => {
    const head = heads.find(({ log }) => log === entry?.place.log)
    const bytes = head?.bytes ?? 0
    return head && (bytes < checkpointBytes / 4 || (byLog.get(head.log) ?? 0) < bytes / 2)
  })
  return rest.length === logs.length ? first : planOf(state, heads, rest)
}

function sizes({ entries }: Restatement) {
  const byLog = new Map<LogId, number>()
  let total = 0
  for (const { payload, place } of entries) {
    const bytes = encode(payload).length
    total += bytes
    byLog.set(place.log, (byLog.get(place.log) ?? 0) + bytes)
  }
  return { byLog, total }
}
