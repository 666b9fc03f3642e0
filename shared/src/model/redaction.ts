/**
 * A message that its author takes back (rules RD1 to RD3): where it stood stays, what it said goes. The
 * entry's first dependency is the place, a second one where that says again what stood there first; its
 * payload says what the history needs in place of the body.
 */
import { decodeStamp, encodeStamp, type Stamp, stampBytes } from '../clock/hlc.ts'
import type { Value } from '../encoding/msgpack.ts'
import { type LogId, splitLogId } from '../ids.ts'
import { maxEpoch } from '../limits.ts'
import type { Dep, Entry } from '../log/entry.ts'
import { kinds } from '../log/kinds.ts'
import { isId } from './document-entries.ts'

export interface Redaction {
  /** Of the message, as its entry had them. */
  readonly stamp: Stamp
  readonly epoch: number
  readonly id: string
  readonly parent: string | undefined
  readonly consumes: string | undefined
}

export const encodeRedaction = (redaction: Redaction): Value => [
  encodeStamp(redaction.stamp),
  redaction.epoch,
  redaction.id,
  redaction.parent ?? null,
  redaction.consumes ?? null,
]

export function parseRedaction(payload: unknown): Redaction | undefined {
  if (!Array.isArray(payload)) return undefined
  const [stamp, epoch, id, parent, consumes] = payload
  if (!(stamp instanceof Uint8Array) || stamp.length !== stampBytes) return undefined
  if (!Number.isInteger(epoch) || epoch < 0 || epoch > maxEpoch || !isId(id)) return undefined
  if ((parent !== null && !isId(parent)) || (consumes !== null && !isId(consumes))) return undefined
  return {
    ...{ stamp: decodeStamp(stamp), epoch, id },
    ...{ parent: parent ?? undefined, consumes: consumes ?? undefined },
  }
}

/**
 * The place that an entry takes back: one of the same device, in the same session, which alone may.
 * Undefined for every other entry, and for a redaction that is none.
 */
export function redactedPlace(log: LogId, { kind, deps, payload }: Entry): Dep | undefined {
  const [place] = deps
  if (kind !== kinds.redact || deps.length > 2 || !place) return undefined
  const own = splitLogId(log)
  for (const at of deps) {
    const of = splitLogId(at.log)
    if (own.session !== of.session || own.device !== of.device) return undefined
  }
  return parseRedaction(payload) && place
}
