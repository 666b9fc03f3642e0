/**
 * Logs that their device said again elsewhere (rules SU1 to SU4): from its checkpoint on the entries up
 * to there count no longer, those that say them again do. Only a device's own word supersedes its logs.
 * What is learnt here only grows; a fold that learns is made anew with what it learnt.
 */
import { type LogId, splitLogId } from '../ids.ts'
import { depKey } from '../log/again.ts'
import { checkpointHeads } from '../log/checkpoint.ts'
import type { Dep, Entry } from '../log/entry.ts'
import type { At } from '../model/agent-entries.ts'
import { areHidden, isAgreed } from './cuts.ts'
import type { DocumentState } from './document.ts'
import type { Write } from './register.ts'

/** Up to which seq each log is superseded. */
export type Superseded = ReadonlyMap<LogId, number>

export const isSuperseded = (superseded: Superseded, { log, seq }: At): boolean =>
  seq <= (superseded.get(log) ?? 0)

/**
 * Takes what an entry that is not beyond a cut says of its device's other logs, once all is here that it
 * names: what says those again. In a superseded log, which is here no longer, at once; so it does not
 * matter what came first.
 */
export function learn(state: DocumentState, log: LogId, entry: Entry): void {
  for (const head of checkpointHeads(log, entry) ?? []) {
    if (isSuperseded(state.superseded, head)) continue
    state.superseded.set(head.log, head.seq)
    state.learnt = true
    state.stale = true
  }
}

/** Of the places where an entry of `log` stood, those that its own device superseded. */
export function stoodOf(state: DocumentState, log: LogId, again: readonly Dep[]): readonly Dep[] {
  if (state.superseded.size === 0) return []
  const { device } = splitLogId(log)
  return again.filter(
    (place) => splitLogId(place.log).device === device && isSuperseded(state.superseded, place),
  )
}

/** True when nothing that is said again counts where it stood. */
export function isGone(state: DocumentState, log: LogId, again: readonly Dep[]): boolean {
  const stood = stoodOf(state, log, again)
  return areHidden(
    state.cuts,
    again.filter((place) => !stood.includes(place)),
  )
}

/** What a write of `log` that is said again from these places carries of them. */
export function againOf(
  state: DocumentState,
  log: LogId,
  again: readonly Dep[],
): Pick<Write, 'again' | 'stood'> {
  // Beyond the place where a log forked another entry may stand for someone else.
  const stood = stoodOf(state, log, again)
    .filter((at) => isAgreed(state.cuts, at.log, at.seq))
    .map((at) => ({ log: at.log, seq: at.seq }))
  return { again: again.map(depKey), ...(stood.length > 0 && { stood }) }
}
