/**
 * Lets entries go whose device said again what counts of them, and that everyone has (rules CX5 to CX7).
 * Whoever holds them checks that first, and keeps them where something is missing. Nothing goes on the
 * word of a drop beyond a cut, nor before its checkpoint is on disk here.
 */

import { equalBytes } from '@baton/shared/bytes'
import { compareStamp } from '@baton/shared/clock/hlc'
import { cutReason } from '@baton/shared/conflict/cuts'
import type { DocumentState } from '@baton/shared/conflict/document'
import { type Restated, restate, type Standing } from '@baton/shared/conflict/restating'
import { encode } from '@baton/shared/encoding/msgpack'
import { type LogId, type SessionId, splitLogId } from '@baton/shared/ids'
import { depKey } from '@baton/shared/log/again'
import type { SignedHead } from '@baton/shared/log/chain'
import { checkpointHeads } from '@baton/shared/log/checkpoint'
import { verifyHead } from '@baton/shared/log/delta'
import type { Entry } from '@baton/shared/log/entry'
import { kinds } from '@baton/shared/log/kinds'
import type { Primitives } from '@baton/shared/primitives'
import { createLanes } from '../lanes.ts'
import type { Trace } from '../ports/platform.ts'
import type { CutKeeper } from '../repo/cuts.ts'
import type { Claim } from '../repo/reading.ts'
import type { Repository } from '../repo/repository.ts'
import type { Sharing } from '../sessions/sharing.ts'
import { standingLog } from './standing.ts'

export interface DroppingPorts {
  readonly repository: Repository
  readonly cuts: CutKeeper
  readonly sharing: Sharing
  readonly primitives: Primitives
  readonly documents: { state(session: SessionId): Promise<DocumentState> }
  readonly trace: Trace
}

export interface Dropping {
  /** Lets go what can go now. */
  consider(session: SessionId): Promise<void>
  /** Sessions with drops that were not followed yet. */
  pending(): readonly SessionId[]
}

export async function openDropping(ports: DroppingPorts): Promise<Dropping> {
  const { repository, cuts, sharing, primitives, trace } = ports
  const { sha256, verify } = primitives
  const inTurn = createLanes<SessionId>()
  const open = new Map<SessionId, Claim[]>()
  const complained = new Set<SessionId>()

  function take(claim: Claim): void {
    if (claim.entry.kind !== kinds.drop) return
    const { session } = splitLogId(claim.log)
    open.set(session, [...(open.get(session) ?? []), claim])
  }
  for await (const claim of repository.claims()) take(claim)
  repository.onClaim(take)

  /** True when nothing more is to be done about it. */
  async function follow(session: SessionId, { log, entry }: Claim): Promise<boolean> {
    const heads = checkpointHeads(log, entry) ?? []
    const fresh = heads.filter((head) => head.seq > (repository.dropped(head.log)?.seq ?? 0))
    if (fresh.length === 0) return true
    const [place] = entry.deps
    if (!place || splitLogId(place.log).device !== splitLogId(log).device) return true
    // Cuts can change, and what is on its way comes.
    if (cutReason(cuts.now(), log, entry.seq) || cutReason(cuts.now(), place.log, place.seq)) {
      return false
    }
    if (sharing.author(session) === undefined || repository.durable(place.log) < place.seq) {
      return false
    }
    const said = (await standingLog(repository, sha256, place.log, place.seq)).entries
    const named = new Map<LogId, SignedHead>()
    for (const each of said) {
      for (const head of each.entry ? (checkpointHeads(place.log, each.entry) ?? []) : []) {
        named.set(head.log, head)
      }
    }
    for (const head of fresh) {
      const known = named.get(head.log)
      const same = known?.seq === head.seq && equalBytes(known.hash, head.hash)
      if (!same || !(await verifyHead(verify, head))) return true
    }
    if (!(await isSaidAgain(session, [...named.values()], said))) {
      if (!complained.has(session)) trace('checkpoint.kept', { error: 'invalid' })
      complained.add(session)
      return false
    }
    // What is behind a fork is told apart by the entries before it.
    const whole = fresh.filter((head) => !repository.forks.of(head.log))
    for (const head of whole) await repository.drop(head)
    return whole.length === fresh.length
  }

  /** False when what is held of these logs is another history, or counts and is not said again. */
  async function isSaidAgain(
    session: SessionId,
    heads: readonly SignedHead[],
    said: readonly Standing[],
  ): Promise<boolean> {
    const standing: Standing[] = []
    let whole = true
    for (const { log, seq, hash } of heads) {
      if ((repository.dropped(log)?.seq ?? 0) >= seq) continue
      const held = await standingLog(repository, sha256, log, seq)
      // Of what is not all here the rest is never coming; its author answered for it.
      if (held.head.seq < seq) whole = false
      else if (!equalBytes(held.head.hash, hash)) return false
      standing.push(...held.entries)
    }
    if (!whole) return true
    const state = await ports.documents.state(session)
    const plan = restate({ ...state, superseded: before(state, heads, standing) }, standing)
    if (!plan) return false
    const told = new Map<string, Entry>()
    for (const { entry } of said) {
      for (const place of entry?.again ?? []) told.set(depKey(place), entry as Entry)
    }
    return plan.entries.every((each) => isSame(each, told.get(depKey(each.place))))
  }

  return {
    pending: () => [...open.keys()],
    consider: (session) =>
      inTurn(session, async () => {
        const claims = open.get(session) ?? []
        open.delete(session)
        const left: Claim[] = []
        for (const claim of claims) if (!(await follow(session, claim))) left.push(claim)
        const more = open.get(session) ?? []
        if (left.length + more.length > 0) open.set(session, [...left, ...more])
      }),
  }
}

/** What was superseded before these logs were: what they say of others themselves. */
function before(
  { superseded }: DocumentState,
  heads: readonly SignedHead[],
  standing: readonly Standing[],
): Map<LogId, number> {
  const known = new Map(superseded)
  for (const { log } of heads) known.delete(log)
  for (const { place, entry } of standing) {
    for (const { log, seq } of entry ? (checkpointHeads(place.log, entry) ?? []) : []) {
      if (seq > (known.get(log) ?? 0)) known.set(log, seq)
    }
  }
  return known
}

const isSame = ({ entry }: Restated, told: Entry | undefined): boolean =>
  told !== undefined &&
  told.kind === entry.kind &&
  compareStamp(told.stamp, entry.stamp) === 0 &&
  equalBytes(encode(told.payload), encode(entry.payload))
