/**
 * What a model asks to have written (rules VW5, VW6): entries of a session document before they have a
 * place. Epoch, stamp and log are added by whoever writes.
 */
import type { DocumentState } from '../conflict/document.ts'
import { candidates, type Register } from '../conflict/register.ts'
import type { Value } from '../encoding/msgpack.ts'
import type { LogId } from '../ids.ts'
import { maxDeps } from '../limits.ts'
import type { Dep } from '../log/entry.ts'
import { kinds } from '../log/kinds.ts'
import {
  type CapturePayload,
  encodeCapture,
  encodeInbox,
  encodeMessage,
  encodeRegister,
  encodeRow,
  encodeTool,
  type Held,
  type InboxPayload,
  type MessagePayload,
  type Path,
  pathKey,
  type RegisterPayload,
  type RowPayload,
  type ToolPayload,
} from './document-entries.ts'

export type Change =
  /** `saw`: beside what the register shows, places elsewhere that it replaces. */
  | ({ readonly kind: 'register'; readonly saw?: readonly Dep[] } & RegisterPayload)
  | ({ readonly kind: 'row' } & RowPayload)
  | ({ readonly kind: 'inbox' } & InboxPayload)
  | ({ readonly kind: 'message' } & Omit<MessagePayload, 'epoch'>)
  | ({ readonly kind: 'tool' } & Omit<ToolPayload, 'epoch'>)
  /** `saw`: all that it replaces; without it, all captures of its origin. */
  | ({ readonly kind: 'capture'; readonly saw?: readonly Dep[] } & CapturePayload)

export const heldOf = (value: Value): Held => ({ at: 'value', value })
export const setAt = (path: Path, value: Value): Change => ({
  kind: 'register',
  path,
  held: heldOf(value),
})
export const unsetAt = (path: Path): Change => ({ kind: 'register', path, held: { at: 'absent' } })

/** Kind number and payload of the entry that says it. `epoch` stands in writer kinds only. */
export function encodeChange(change: Change, epoch: number): { kind: number; payload: Value } {
  switch (change.kind) {
    case 'register':
      return { kind: kinds.register, payload: encodeRegister(change) }
    case 'row':
      return { kind: kinds.row, payload: encodeRow(change) }
    case 'message':
      return { kind: kinds.message, payload: encodeMessage({ ...change, epoch }) }
    case 'inbox':
      return { kind: kinds.inbox, payload: encodeInbox(change) }
    case 'tool':
      return { kind: kinds.tool, payload: encodeTool({ ...change, epoch }) }
    case 'capture':
      return { kind: kinds.capture, payload: encodeCapture(change) }
  }
}

/**
 * The places that the change's entry has to name, one of each log, at most `maxDeps`. `own`: the log
 * that it will stand in, whose earlier writes are seen without being named.
 */
export function sawOf(state: DocumentState, change: Change, own?: LogId): readonly Dep[] {
  if (change.kind === 'capture') {
    return oneOfEach(change.saw ?? placesOf(state.captures.get(change.origin)), own)
  }
  if (change.kind !== 'register') return []
  const shown = placesOf(state.fields.get(pathKey(change.path))?.register)
  return oneOfEach([...shown, ...(change.saw ?? [])], own)
}

/** The places of what a register shows or could show, the one shown first. */
export const placesOf = (register: Register | undefined): readonly Dep[] =>
  register ? candidates(register).map(({ log, seq, hash }) => ({ log, seq, hash })) : []

/** A log is one line: who saw its later place saw its earlier ones. What is too much stays beside. */
function oneOfEach(places: readonly Dep[], own: LogId | undefined): readonly Dep[] {
  const last = new Map<LogId, Dep>()
  for (const place of places) {
    const known = last.get(place.log)
    if (place.log !== own && (!known || known.seq < place.seq)) last.set(place.log, place)
  }
  return [...last.values()].slice(0, maxDeps)
}
