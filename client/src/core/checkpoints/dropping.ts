/**
 * Lets entries go whose device said again what counts of them, and that everyone has (rules CX5 to
 * CX10). Whoever holds them checks that first, and keeps them where something is missing, or where
 * what is held may be another history. Nothing goes on the word of a drop beyond a cut, nor before its
 * checkpoint is on disk here.
 */

import { equalBytes } from '@baton/shared/bytes'
import { type Cuts, cutReason } from '@baton/shared/conflict/cuts'
import type { DocumentState } from '@baton/shared/conflict/document'
import type { Restated } from '@baton/shared/conflict/restating'
import { type LogId, type SessionId, splitLogId } from '@baton/shared/ids'
import type { SignedHead } from '@baton/shared/log/chain'
import { checkpointHeads } from '@baton/shared/log/checkpoint'
import { verifyHead } from '@baton/shared/log/delta'
import { kinds } from '@baton/shared/log/kinds'
import { hashAt } from '@baton/shared/log/trail'
import type { Primitives } from '@baton/shared/primitives'
import { createLanes } from '../lanes.ts'
import type { Trace } from '../ports/platform.ts'
import type { CutKeeper } from '../repo/cuts.ts'
import type { DropOptions } from '../repo/dropped.ts'
import type { Claim } from '../repo/reading.ts'
import type { Repository } from '../repo/repository.ts'
import type { Sharing } from '../sessions/sharing.ts'
import { isOwn, type StandingLog, saidElsewhere, standingLog } from './standing.ts'
import type { Trails } from './trails.ts'
import { type Checked, untoldOf } from './untold.ts'

export interface DroppingPorts {
  readonly repository: Repository
  readonly cuts: CutKeeper
  readonly sharing: Sharing
  readonly primitives: Primitives
  readonly documents: { state(session: SessionId): Promise<DocumentState> }
  readonly trails: Trails
  readonly trace: Trace
}

export interface Dropping {
  /** Lets go what can go now. */
  consider(session: SessionId): Promise<void>
  /** Sessions with drops that were not followed yet. */
  pending(): readonly SessionId[]
}

/** A log that can go, and how; one of which that has to be found out first; or one that stays. */
type Fate = { readonly head: SignedHead; readonly how: DropOptions } | 'wait' | 'stays'

export async function openDropping(ports: DroppingPorts): Promise<Dropping> {
  const { repository, cuts, sharing, primitives, trails, trace } = ports
  const { sha256, verify } = primitives
  const inTurn = createLanes<SessionId>()
  const open = new Map<SessionId, Claim[]>()
  const complained = new Set<SessionId>()
  /** What stays is looked at again when its author wrote more, or other cuts hold. */
  const looked = new WeakMap<Claim, { readonly cuts: Cuts; readonly heads: string }>()

  function take(claim: Claim): void {
    if (claim.entry.kind !== kinds.drop) return
    const { session } = splitLogId(claim.log)
    open.set(session, [...(open.get(session) ?? []), claim])
  }
  for await (const claim of repository.claims()) take(claim)
  repository.onClaim(take)

  const headsOf = (claim: Claim): string => {
    const { session, device } = splitLogId(claim.log)
    const own = repository.heads(session).filter(({ log }) => splitLogId(log).device === device)
    return own.map(({ log, seq }) => `${log} ${seq} ${repository.forks.of(log)?.after.seq}`).join()
  }

  function stays(claim: Claim): false {
    const { session } = splitLogId(claim.log)
    looked.set(claim, { cuts: cuts.now(), heads: headsOf(claim) })
    if (!complained.has(session)) trace('checkpoint.kept', { error: 'invalid' })
    complained.add(session)
    return false
  }

  /** True when nothing more is to be done about it. */
  async function follow(session: SessionId, claim: Claim, tries = 3): Promise<boolean> {
    const { log, entry } = claim
    const heads = checkpointHeads(log, entry) ?? []
    const known = await knowsOthers(session, heads)
    const fresh = heads.filter((head) => head.seq > (repository.dropped(head.log)?.seq ?? 0))
    if (fresh.length === 0) return known
    const [place] = entry.deps
    if (!place || splitLogId(place.log).device !== splitLogId(log).device) return true
    // Cuts can change, and what is on its way comes.
    if (cutReason(cuts.now(), log, entry.seq) || cutReason(cuts.now(), place.log, place.seq)) {
      return false
    }
    if (sharing.author(session) === undefined || repository.durable(place.log) < place.seq) {
      return false
    }
    const before = looked.get(claim)
    if (before?.cuts === cuts.now() && before.heads === headsOf(claim)) return false

    const { entries: said } = await standingLog(repository, sha256, place.log, place.seq)
    const named = new Map<LogId, SignedHead>()
    for (const each of said) {
      for (const head of each.entry ? (checkpointHeads(place.log, each.entry) ?? []) : []) {
        named.set(head.log, head)
      }
    }
    for (const head of fresh) {
      const of = named.get(head.log)
      const same = of?.seq === head.seq && equalBytes(of.hash, head.hash)
      if (!same || !(await verifyHead(verify, head))) return true
    }
    const held = new Map<LogId, StandingLog>()
    for (const head of named.values()) {
      if ((repository.dropped(head.log)?.seq ?? 0) >= head.seq) continue
      held.set(head.log, await standingLog(repository, sha256, head.log, head.seq))
    }
    const fates: Fate[] = []
    for (const head of fresh) fates.push(await fateOf(session, head, held.get(head.log)))
    if (fates.includes('wait')) return false
    const going = fates.filter((fate) => typeof fate === 'object')

    const goes = new Map(going.map(({ head }) => [head.log, held.get(head.log)]))
    const checked = {
      heads: [...named.values()],
      standing: [...goes.values()].flatMap((log) => log?.entries ?? []),
      whole: [...named.values()].every(({ log: of, seq }) => {
        return !held.has(of) || (goes.get(of)?.head.seq ?? 0) >= seq
      }),
      said,
    }
    const untold = await notTold(session, place.log, checked)
    const unseen = going.some(({ how }) => how.unseen === true)
    const isKept = !untold || (untold.length > 0 && !(unseen && isOwn(repository, log)))
    if (!isKept && untold.length > 0) await sayAgain(session, untold)
    // Of what is not held here nothing can be missing.
    const may = isKept ? going.filter(({ head }) => !isHeld(held.get(head.log))) : going
    let gone = 0
    for (const { head, how } of may) {
      if (!(await repository.drop(head, how))) continue
      trails.forget(head)
      gone += 1
    }
    if (gone > 0) trace('checkpoint.dropped', { logs: gone })
    // More of one came while this was found out.
    if (gone < may.length) return tries > 1 && (await follow(session, claim, tries - 1))
    return (gone === fresh.length || stays(claim)) && known
  }

  async function notTold(session: SessionId, by: LogId, checked: Checked) {
    const state = await ports.documents.state(session)
    const untold = untoldOf(state, checked)
    if (!untold || untold.length === 0) return untold
    const isCut = (log: LogId, seq: number) => cutReason(cuts.now(), log, seq) !== undefined
    const more = await saidElsewhere(repository, sha256, by, isCut)
    return untoldOf(state, { ...checked, said: [...more, ...checked.said] })
  }

  const isHeld = (log: StandingLog | undefined) => (log?.entries.length ?? 0) > 0

  /**
   * Two copies may each have said one log again, and all may have gone that could tell of it but its
   * hashes. False until someone told: the copy that can is another one than the one that was asked
   * under the same name, and comes on another link.
   */
  async function knowsOthers(session: SessionId, heads: readonly SignedHead[]): Promise<boolean> {
    let known = true
    for (const head of heads) {
      const gone = repository.dropped(head.log)
      if (!gone || gone.seq < head.seq || repository.forks.of(head.log)) continue
      if (gone.seq === head.seq ? equalBytes(gone.hash, head.hash) : !(await differs(gone, head))) {
        continue
      }
      const trail = trails.of(session, head)
      const seen = typeof trail === 'object' && (await repository.follows(trail))
      if (typeof seen === 'object' && (await verifyHead(verify, head))) {
        await repository.forks.take(seen)
      } else known = false
    }
    return known
  }

  /** True when what went of a log is known not to lead over this place. */
  async function differs(gone: SignedHead, { seq, hash }: SignedHead): Promise<boolean> {
    const trail = await repository.trail(gone)
    if (!trail || seq < trail.from.seq) return false
    return !equalBytes(hashAt(sha256, trail, seq), hash)
  }

  async function fateOf(
    session: SessionId,
    head: SignedHead,
    held: StandingLog | undefined,
  ): Promise<Fate> {
    const { log, seq, hash } = head
    const have = held?.head ?? { seq: 0, hash }
    // What is behind a fork is told apart by the entries before it.
    if (have.seq > (repository.forks.of(log)?.after.seq ?? have.seq)) return 'stays'
    if (have.seq <= (repository.dropped(log)?.seq ?? 0)) {
      // Who holds nothing of it may be asked for its hashes all the same.
      const known = trails.soonOf(session, head)
      if (known === 'asking') return 'wait'
      return { head, how: known === 'nobody' ? {} : { trail: known } }
    }
    if (have.seq >= seq && equalBytes(have.hash, hash)) return { head, how: {} }
    const trail = trails.of(session, head)
    if (trail === 'asking') return 'wait'
    const seen = trail === 'nobody' ? 'unknown' : await repository.follows(trail)
    if (typeof seen === 'object') {
      await repository.forks.take(seen)
      return 'stays'
    }
    if (have.seq >= seq) return 'stays'
    const from = trail === 'nobody' ? {} : { trail }
    return { head, how: seen === 'same' ? from : { ...from, unseen: true } }
  }

  /**
   * What this device holds of its own log and nobody else may: it was copied, or brought back from a
   * backup, too long ago for others to tell. Said twice it is one.
   */
  async function sayAgain(session: SessionId, entries: readonly Restated[]): Promise<void> {
    await repository.write(session, (to) => {
      for (const { payload, deps } of entries) to.append(kinds.again, payload, deps)
      return []
    })
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
