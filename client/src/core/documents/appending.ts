/**
 * Changes of a document as entries (rules DC1, DC2): a write of a register names the writes it
 * replaces, and what is too large for an entry becomes a blob in the same batch.
 */
import type { DocumentState } from '@baton/shared/conflict/document'
import { encode } from '@baton/shared/encoding/msgpack'
import { BatonError } from '@baton/shared/errors'
import { maxContentBytes, maxInlineBytes } from '@baton/shared/limits'
import { type Change, encodeChange, sawOf } from '@baton/shared/model/changes'
import { type Held, isId, isPath } from '@baton/shared/model/document-entries'
import type { Sha256 } from '@baton/shared/primitives'
import type { Write } from '../ports/store.ts'
import type { Blobs } from '../repo/blobs.ts'
import type { Appender } from '../repo/repository.ts'

/** Room for ids, a path and dependencies beside an inline value. */
const inlineBytes = maxInlineBytes - 20 * 1024

/** Changes checked and with their large values as blobs: nothing of them can fail any more. */
export interface Prepared {
  readonly changes: readonly Change[]
  /** Rows of the blobs. */
  readonly rows: readonly Write[]
}

/** Throws `invalid` for what no entry may hold, `too-large` for a value over 64 MiB. */
export function prepare(changes: readonly Change[], sha256: Sha256, blobs: Blobs): Prepared {
  const rows: Write[] = []
  const small = (held: Held): Held => {
    if (held.at !== 'value') return held
    const bytes = encode(held.value)
    if (bytes.length <= inlineBytes) return held
    if (bytes.length > maxContentBytes) {
      throw new BatonError('too-large', 'failed to write: one value is larger than 64 MiB')
    }
    const blob = sha256(bytes)
    rows.push(...blobs.rows(blob, bytes))
    return { at: 'blob', blob, bytes: bytes.length }
  }
  return {
    changes: changes.map((change) => ({ ...checked(change), held: small(change.held) })),
    rows,
  }
}

function checked(change: Change): Change {
  const names = {
    register: () => isPath((change as { path: unknown }).path),
    row: () =>
      isId((change as { collection: unknown }).collection) &&
      isId((change as { key: unknown }).key),
    inbox: () => isId((change as { id: unknown }).id),
    message: () => isId((change as { id: unknown }).id),
    tool: () => isId((change as { call: unknown }).call),
    capture: () => isId((change as { origin: unknown }).origin),
  }
  const present = change.held.at !== 'absent' || ['register', 'row', 'tool'].includes(change.kind)
  if (names[change.kind]() && present) return change
  throw new BatonError('invalid', 'failed to write: a name is empty or too long')
}

/** Appends them in order; `state` is what their author has seen, `epoch` the one it holds. */
export function appendChanges(
  to: Appender,
  state: DocumentState,
  { changes, rows }: Prepared,
  epoch: number,
): readonly Write[] {
  for (const change of changes) append(to, state, change, epoch)
  return rows
}

function append(to: Appender, state: DocumentState, change: Change, epoch: number): void {
  const { kind, payload } = encodeChange(change, epoch)
  to.append(kind, payload, sawOf(state, change, to.log))
}

/** They add to the history: only who holds the session may. */
export const writesHistory = (changes: readonly Change[]): boolean =>
  changes.some(({ kind }) => kind === 'message' || kind === 'tool')
