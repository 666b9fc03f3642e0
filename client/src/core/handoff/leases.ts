/**
 * Entries by which this device gives, gets and takes a session (rules HF5 to HF8). They stand in a log
 * of their own, so that the words beside them can be said again, and go (rule CX14).
 */

import { fromHex, toHex } from '@baton/shared/bytes'
import type { DocumentState } from '@baton/shared/conflict/document'
import { epochOf, holderOf, type Lease } from '@baton/shared/conflict/leases'
import { type DeviceId, type LogId, type SessionId, splitLogId } from '@baton/shared/ids'
import { type Dep, depHashBytes } from '@baton/shared/log/entry'
import { kinds } from '@baton/shared/log/kinds'
import { isHeld } from '@baton/shared/model/beginning'
import {
  type DeclineReason,
  encodeAccept,
  encodeDecline,
  encodeLease,
  encodeReady,
  maxLeaseLogs,
} from '@baton/shared/model/lease-entries'
import type { HoldingRow } from '../handoffs-api.ts'
import type { Appender, Repository } from '../repo/repository.ts'

export type Vector = ReadonlyMap<LogId, number>

const placeOf = ({ log, seq, hash }: Lease): Dep => ({
  log,
  seq,
  hash: hash.slice(0, depHashBytes),
})

/** The lease that began the present epoch; nothing for the first one. */
const before = ({ holding }: DocumentState): readonly Dep[] => {
  const { by } = holding.tenures.at(-1) ?? {}
  return by ? [placeOf(by)] : []
}

/** All that is held of a session. */
export const heldOf = (repository: Repository, session: SessionId): Vector =>
  new Map(repository.heads(session).map(({ log, seq }) => [log, seq]))

/**
 * Of what is held of `device`'s logs, what an entry can name (rule LE14): only these bear on what it hands
 * over. Where that one wrote too many logs those come first in which it said something under `epoch`, of
 * these the newest.
 */
export function namedOf(
  { logs, judged }: Pick<DocumentState, 'logs' | 'judged'>,
  held: Iterable<readonly [LogId, number]>,
  { device, epoch }: { readonly device: DeviceId; readonly epoch: number },
): Vector {
  const own = [...held].filter(([log]) => splitLogId(log).device === device)
  if (own.length <= maxLeaseLogs) return new Map(own)
  const said = (log: LogId) => (judged.get(log)?.has(epoch) ? 1 : 0)
  const changed = (log: LogId) => logs.get(log)?.changed ?? 0
  own.sort(([a], [b]) => said(b) - said(a) || changed(b) - changed(a) || (a < b ? -1 : 1))
  return new Map(own.slice(0, maxLeaseLogs))
}

/** What of it this device can give: nobody can wait for what waits here for a blob itself. */
export const givableOf = (repository: Repository, session: SessionId): Vector =>
  new Map(
    repository
      .ends(session)
      .map(({ log, seq }): [LogId, number] => [log, Math.min(seq, repository.durable(log))])
      .filter(([, seq]) => seq > 0),
  )

export const isDurable = (repository: Repository, vector: Vector): boolean =>
  [...vector].every(([log, seq]) => repository.durable(log) >= seq)

/** Says that all of `vector` is on this disk; resolves with the place of that word. */
export async function writeReady(
  repository: Repository,
  state: DocumentState,
  { id, from }: { readonly id: string; readonly from: DeviceId },
  all: Vector,
): Promise<Dep> {
  const { session } = state
  const vector = namedOf(state, all, { device: from, epoch: epochOf(state.holding) })
  let place: Dep | undefined
  await repository.aside(session, (to) => {
    const { log, seq, hash } = to.append(kinds.ready, encodeReady({ request: fromHex(id), vector }))
    place = { log, seq, hash: hash.slice(0, depHashBytes) }
    return []
  })
  return place as Dep
}

/**
 * Signs the session over. `holds` is asked at the moment of writing; false: nothing was written.
 */
export async function writeTransfer(
  repository: Repository,
  state: DocumentState,
  given: { readonly id: string; readonly to: DeviceId; readonly ready: Dep },
  holds: () => boolean,
): Promise<boolean> {
  const { session } = state
  let written = false
  await repository.aside(session, (to) => {
    if (!holds()) return []
    const epoch = epochOf(state.holding)
    const held = heldOf(repository, session)
    // Nothing more of the history is appended since it was paused: this is all of it.
    const vector = namedOf(state, held, { device: repository.device, epoch })
    const payload = encodeLease({
      epoch: epoch + 1,
      how: 'transfer',
      holder: given.to,
      request: fromHex(given.id),
      vector,
    })
    to.append(kinds.lease, payload, [given.ready, ...before(state)])
    written = true
    return []
  })
  // Records are judged by the runs that they stand in: what its agent says from here on is another one.
  if (written && isWatched(state))
    for (const [log] of heldOf(repository, session)) repository.end(log)
  return written
}

/** Takes the session without a word of who holds it. */
export async function writeTakeover(
  repository: Repository,
  state: DocumentState,
  /** What goes with it, under the new epoch. */
  more?: (to: Appender, epoch: number) => void,
): Promise<void> {
  const write = more ? repository.write : repository.aside
  await write(state.session, (to) => {
    const epoch = epochOf(state.holding) + 1
    const held = heldOf(repository, state.session)
    const device = state.holding.tenures.at(-1)?.holder ?? repository.device
    const payload = encodeLease({
      epoch,
      how: 'takeover',
      holder: repository.device,
      request: undefined,
      vector: namedOf(state, held, { device, epoch: epoch - 1 }),
    })
    to.append(kinds.lease, payload, before(state))
    more?.(to, epoch)
    return []
  })
}

export async function writeAccept(repository: Repository, state: DocumentState, lease: Lease) {
  const { session } = state
  const of = { device: lease.device, epoch: lease.epoch - 1 }
  await repository.aside(session, (to) => {
    const vector = namedOf(state, heldOf(repository, session), of)
    to.append(kinds.accept, encodeAccept({ vector }), [placeOf(lease)])
    return []
  })
}

export async function writeDecline(
  repository: Repository,
  session: SessionId,
  lease: Lease,
  reason: DeclineReason,
): Promise<void> {
  await repository.aside(session, (to) => {
    to.append(kinds.decline, encodeDecline(reason), [placeOf(lease)])
    return []
  })
}

/** What came of the lease of a request: it was taken, nobody took it yet, or no such lease counts. */
export function fateOf({ holding }: DocumentState, id: string): 'held' | 'passing' | 'none' {
  const is = (lease: Lease | undefined) => lease?.request && toHex(lease.request) === id
  if (holding.tenures.some(({ by }) => is(by))) return 'held'
  return is(holding.passing) ? 'passing' : 'none'
}

export function holdingRow(state: DocumentState): HoldingRow {
  const { holding, session, descriptor } = state
  return {
    session,
    held: isHeld(descriptor),
    holder: isHeld(descriptor) ? holderOf(holding) : undefined,
    epoch: epochOf(holding),
    passingTo: holding.passing?.holder,
    split: holding.tenures.at(-1)?.by?.how === 'takeover' && !isHeard(state),
    ...(isWatched(state) && { watched: true }),
  }
}

/** Whether Baton watches the files of its agent, instead of writing every word of it. */
export const isWatched = ({ descriptor }: DocumentState): boolean =>
  descriptor?.kind === 'agent' && descriptor.agent !== 'baton'

/** Who held it before has said something since it was taken over: it knows, or did not write on. */
function isHeard({ holding, logs }: DocumentState): boolean {
  const { by } = holding.tenures.at(-1) ?? {}
  const last = holding.tenures.at(-2)
  if (!by || !last) return true
  return [...logs].some(
    ([log, { device, seq }]) => device === last.holder && seq > (by.vector.get(log) ?? 0),
  )
}
