/**
 * Open conflicts as rows for people and surfaces, and their settling (rules CR1 to CR4): an id that
 * stays the same while the conflict is open, who wrote what and when, and what would be shown.
 */
import { toHex, utf8Encode } from '@baton/shared/bytes'
import {
  type Conflict,
  conflicts,
  historyPick,
  type Side,
  toolPick,
} from '@baton/shared/conflict/conflicts'
import type { DocumentState } from '@baton/shared/conflict/document'
import type { Value } from '@baton/shared/encoding/msgpack'
import { BatonError } from '@baton/shared/errors'
import { type Change, setAt, unsetAt } from '@baton/shared/model/changes'
import type { Held } from '@baton/shared/model/document-entries'
import type { Sha256 } from '@baton/shared/primitives'
import type { ConflictRow, ConflictSide, Settling } from '../mesh-api.ts'

export function conflictRows(sha256: Sha256, state: DocumentState): ConflictRow[] {
  return conflicts(state).map((conflict) => rowOf(sha256, conflict))
}

function rowOf(sha256: Sha256, conflict: Conflict): ConflictRow {
  const id = idOf(sha256, conflict)
  switch (conflict.kind) {
    case 'field': {
      const { path, strategy, sides, shown } = conflict
      return {
        id,
        kind: 'field',
        path: [...path],
        strategy,
        sides: sides.map(sideOf),
        shown: shownOf(shown),
      }
    }
    case 'history': {
      const { strategy, tips } = conflict
      const sides = tips.map(
        ({ id: tip, write }): ConflictSide => ({
          device: write.device,
          at: write.stamp.ms,
          value: tip,
        }),
      )
      return { id, kind: 'history', path: ['history'], strategy, sides, shown: sides[0]?.value }
    }
    case 'tool': {
      const sides = conflict.ends.map(sideOf)
      const path = ['tool', conflict.call]
      return { id, kind: 'tool', path, strategy: 'user_choice', sides, shown: sides[0]?.value }
    }
  }
}

/** Of what it is about, not of who takes part in it: it stays the same while it is open. */
function idOf(sha256: Sha256, conflict: Conflict): string {
  const about =
    conflict.kind === 'field' ? conflict.path : conflict.kind === 'tool' ? [conflict.call] : []
  return toHex(sha256(utf8Encode(JSON.stringify([conflict.kind, about]))).subarray(0, 6))
}

const sideOf = ({ device, stamp, held }: Side): ConflictSide => ({
  device,
  at: stamp.ms,
  value: shownOf(held),
})

/** Undefined: deleted. A blob is told by its size: it may be larger than a row. */
function shownOf(held: Held): Value | undefined {
  if (held.at === 'absent') return undefined
  return held.at === 'value' ? held.value : { blob: toHex(held.blob), bytes: held.bytes }
}

/**
 * The change that settles an open conflict. Throws `not-found` when none has that id, `ambiguous` for
 * a beginning of several, `invalid` for a choice that its strategy does not allow.
 */
export function settlingOf(
  sha256: Sha256,
  state: DocumentState,
  ref: string,
  settling: Settling,
): Change {
  const fitting = conflicts(state).filter((each) => idOf(sha256, each).startsWith(ref))
  const [conflict, ...more] = ref === '' ? [] : fitting
  if (!conflict) {
    throw new BatonError('not-found', 'failed to settle: no open conflict has this id', {
      hint: 'it may have been settled on another device; baton conflicts lists those that are open',
    })
  }
  if (more.length > 0) {
    throw new BatonError('ambiguous', `failed to settle: ${fitting.length} ids begin like this`)
  }
  if (conflict.kind === 'history') {
    const { chosen, others } = pick(conflict.tips, settling)
    const seen = [chosen.id, ...others.map(({ id }) => id)]
    return setAt(historyPick, seen)
  }
  if (conflict.kind === 'tool') {
    pick(conflict.ends, settling)
    return setAt(toolPick(conflict.call), conflict.ends.length)
  }
  const { path, sides, strategy } = conflict
  if (settling.by === 'side')
    return { kind: 'register', path, held: pick(sides, settling).chosen.held }
  if (strategy === 'user_choice') throw onlySides()
  return settling.by === 'value' ? setAt(path, settling.value) : unsetAt(path)
}

function pick<T>(sides: readonly T[], settling: Settling): { chosen: T; others: readonly T[] } {
  if (settling.by !== 'side') throw onlySides()
  const chosen = sides[settling.side]
  if (chosen === undefined) {
    throw new BatonError('invalid', 'failed to settle: there is no such side', {
      hint: `sides are numbered from 1 to ${sides.length}`,
    })
  }
  return { chosen, others: sides.filter((each) => each !== chosen) }
}

const onlySides = () =>
  new BatonError('invalid', 'failed to settle: here one of the sides has to be chosen', {
    hint: 'a value of your own is for the strategies manual, merge and timestamp',
  })
