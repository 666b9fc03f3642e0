/**
 * The sync machine of one bound link (rules SY3 to SY9; forks in sync-forks.ts). It decides what to say and what to push; the
 * caller reads, stores and streams. Input is what happened, effects are data, in order; nothing here
 * waits or throws.
 *
 *   open ── HELLO, and what the peer has not acknowledged ──▶ its own is stored, ours is acknowledged
 *   Then whoever gave nothing compares what the other said with what it has. Equal: silence. Else
 *   the offering side asks: STATE ▶ VECTOR ▶ push ▶ PUSHED, and the same once more.
 */
import { type Bytes, equalBytes, toHex } from '../bytes.ts'
import { idBytes, type LogId, logId, type SessionId, sessionId, splitLogId } from '../ids.ts'
import { maxLogsPerSession, maxSharedSessions } from '../limits.ts'
import type { SyncEffect, SyncInput, SyncPush, SyncView } from './sync-effects.ts'
import { createForkTalk } from './sync-forks.ts'
import { type SyncForm, type SyncMessage, syncTypes } from './sync-messages.ts'
import { readRows, vectorRows } from './sync-rows.ts'

/** Repairs of one link without both sides ever being equal. */
const maxRepairs = 8

const isSame = (a: Bytes | undefined, b: Bytes): boolean => a !== undefined && equalBytes(a, b)

/** `offers`: this side has the smaller key, and alone begins a repair. */
export function createSync(view: SyncView, offers: boolean): (input: SyncInput) => SyncEffect[] {
  const forks = createForkTalk()
  const sent = new Map<LogId, number>()
  /** Pushed on this link and not acknowledged. */
  const open = new Map<LogId, number>()
  /** Digests said last, by either side. */
  let told: Bytes | undefined
  let theirs: Bytes | undefined
  /** The digest at which both were last seen to be equal. */
  let agreed: Bytes | undefined
  /** Something was pushed since the peer said its digest: it has changed by now. */
  let pushedSince = false
  /** The peer had news of its own to begin with. */
  let theyPushed = false
  let greeted = false
  /** Sessions asked for whose PUSHED has not come. */
  let asked = 0
  let judged = false
  let repairs = 0
  let lastRepair = ''
  let lastIdle = ''
  let settled: boolean | undefined

  const say = (form: SyncForm<keyof typeof syncTypes>): SyncEffect => ({ kind: 'send', form })

  function settle(now: boolean): SyncEffect[] {
    if (now === settled) return []
    settled = now
    return [{ kind: 'settled', settled: now }]
  }

  /** Both digests were seen to be one. */
  function equal(mine: Bytes, tell: boolean): SyncEffect[] {
    repairs = 0
    agreed = mine
    return tell && !isSame(told, mine) ? [check(), ...settle(true)] : settle(true)
  }

  function pushed(session: SessionId, of: SyncPush['logs'], first: boolean, again: boolean) {
    // The rest its author said again: the peer gets that, and needs no more.
    const logs = of.filter(({ log }) => view.seq(log) > view.gone(log))
    for (const { log } of logs) {
      sent.set(log, view.seq(log))
      open.set(log, view.seq(log))
    }
    pushedSince ||= logs.length > 0
    return logs.length === 0 ? [] : [{ kind: 'push' as const, session, logs, first, again }]
  }

  function push(session: SessionId) {
    const heads = view.heads(session)
    const first = heads.every(({ log }) => view.acked(log) === 0 && !sent.has(log))
    const logs = heads
      .map(({ log, seq }) => ({ log, seq, after: Math.max(sent.get(log) ?? 0, view.acked(log)) }))
      .filter(({ seq, after }) => seq > after)
    return pushed(
      session,
      logs.map(({ log, after }) => ({ log, after })),
      first,
      false,
    )
  }

  function check(): SyncEffect {
    told = view.digest()
    return say([syncTypes.check, told])
  }

  /** The first time nothing is on its way: who gave nothing compares, the other trusts it to. */
  function judge(): SyncEffect[] {
    if (!greeted || open.size > 0 || asked > 0 || theirs === undefined) return []
    judged = true
    const mine = view.digest()
    // After a difference the other side waits to hear that it is gone.
    if (equalBytes(mine, theirs)) return equal(mine, settled === false)
    const known = isSame(told, mine)
    // One that had nothing to give compares for itself; two that gave must both say where they are.
    if (pushedSince) return known && !theyPushed ? settle(true) : [check(), ...settle(true)]
    if (offers) return repair(mine, theirs)
    // One that gave something takes this side to compare: it hears where it is even so.
    return known && !theyPushed ? settle(false) : [check(), ...settle(false)]
  }

  function onCheck(digest: Bytes): SyncEffect[] {
    theirs = digest
    pushedSince = open.size > 0
    if (!greeted || pushedSince || asked > 0) return []
    const mine = view.digest()
    if (equalBytes(mine, digest)) return equal(mine, true)
    return offers ? repair(mine, digest) : [check(), ...settle(false)]
  }

  /** A repair that changed nothing is not tried again. */
  function repair(mine: Bytes, other: Bytes): SyncEffect[] {
    const pair = `${toHex(mine)} ${toHex(other)}`
    if (pair === lastRepair || repairs >= maxRepairs) return settle(false)
    lastRepair = pair
    repairs += 1
    const rows = view
      .sessions()
      .slice(0, maxSharedSessions)
      .map((id): [Bytes, Bytes] => [idBytes(id), view.sessionDigest(id)])
    return [...settle(false), say([syncTypes.state, rows])]
  }

  function vector(session: SessionId, answer: boolean): SyncEffect[] {
    const heads = view.shares(session) ? view.heads(session).slice(0, maxLogsPerSession) : []
    const said = say([syncTypes.vector, idBytes(session), answer, vectorRows(heads)])
    return heads.length > 0 ? [said, { kind: 'confirm', session }] : [said]
  }

  function ask(session: SessionId): SyncEffect[] {
    asked += 1
    return vector(session, false)
  }

  function onState(form: SyncForm<'state'>): SyncEffect[] {
    const differ = new Map(form[1].map(([id, digest]) => [sessionId(id), digest]))
    for (const id of view.sessions()) {
      const digest = differ.get(id)
      if (digest && equalBytes(digest, view.sessionDigest(id))) differ.delete(id)
      else differ.set(id, new Uint8Array(0))
    }
    if (differ.size === 0) return [check()]
    return [...settle(false), ...[...differ.keys()].flatMap(ask)]
  }

  /** The peer's own word on what it holds replaces what was believed about it. */
  function onVector([, id, answer, rows]: SyncForm<'vector'>): SyncEffect[] {
    const session = sessionId(id)
    const has = readRows(session, rows)
    const effects: SyncEffect[] = []
    const logs: { log: LogId; after: number }[] = []
    for (const head of view.shares(session) ? view.heads(session) : []) {
      const { log, seq } = head
      const theirs = has.get(log)
      const after = theirs?.seq ?? 0
      effects.push(...forks.compared(head, theirs))
      if (after < seq) logs.push({ log, after })
      // What it holds may not be on its disk yet: a vector takes back, only an ACK gives.
      if (after < view.acked(log)) effects.push({ kind: 'acked', log, durable: after })
    }
    effects.push(...pushed(session, logs, has.size === 0, true))
    if (!answer) effects.push(...vector(session, true))
    if (!answer || logs.length > 0) effects.push({ kind: 'pushed' })
    return effects
  }

  function onAck([, rows]: SyncForm<'ack'>): SyncEffect[] {
    const effects: SyncEffect[] = []
    for (const [name, seq] of rows) {
      const log = view.resolve(name)
      if (log === undefined) continue
      const held = view.seq(log)
      if (Math.min(seq, held) >= (open.get(log) ?? Number.POSITIVE_INFINITY)) open.delete(log)
      // One that has more may have it of another history: it is believed when it gives that.
      if (seq <= held && seq > view.acked(log)) effects.push({ kind: 'acked', log, durable: seq })
    }
    return judged ? effects : [...effects, ...judge()]
  }

  function onWant([, id, wants, blobs]: SyncForm<'want'>): SyncEffect[] {
    const session = sessionId(id)
    const logs = wants
      .map(([log, after]) => ({ log: logId(log), after }))
      .filter(({ log, after }) => splitLogId(log).session === session && after < view.seq(log))
      .filter(() => view.shares(session))
    const effects = blobs.map(([hash, offset]) => ({ kind: 'push-blob' as const, hash, offset }))
    return [...effects, ...pushed(session, logs, false, true)]
  }

  function onMessage(message: SyncMessage): SyncEffect[] {
    switch (message.kind) {
      case 'hello':
        theirs = message.form[1]
        theyPushed = message.form[2] !== 0
        return []
      case 'check':
        return onCheck(message.form[1])
      case 'state':
        return onState(message.form)
      case 'vector':
        return onVector(message.form)
      case 'ack':
        return onAck(message.form)
      case 'want':
        return onWant(message.form)
      default:
        return []
    }
  }

  /** Both end the log at the same place from now on, and have to hear that they do. */
  function onForked(log: LogId, from: boolean): SyncEffect[] {
    const { session } = splitLogId(log)
    if (!view.shares(session)) return []
    open.delete(log)
    lastRepair = ''
    const effects = forks.found(log, from, session)
    if (!greeted) return effects
    const mine = view.digest()
    return [...effects, ...(isSame(theirs, mine) ? equal(mine, true) : [check()])]
  }

  function onIdle(): SyncEffect[] {
    if (!greeted) return []
    const mine = view.digest()
    if (open.size === 0) {
      if (isSame(agreed, mine) || (isSame(told, mine) && settled === true)) return []
      if (isSame(theirs, mine)) return equal(mine, true)
    }
    // Said once for each state of things: a difference that stays is not repeated for ever.
    const state = `${toHex(mine)} ${theirs && toHex(theirs)} ${open.size}`
    if (state === lastIdle) return []
    lastIdle = state
    // What was not acknowledged or answered by now is not going to be.
    open.clear()
    asked = 0
    return [check()]
  }

  return (input) => {
    switch (input.kind) {
      case 'open': {
        told = view.digest()
        const pushes = view.sessions().flatMap(push)
        return [{ kind: 'greet', digest: told, pushes }]
      }
      case 'message':
        return onMessage(input.message)
      case 'greeted':
        if (greeted) asked = Math.max(0, asked - 1)
        greeted = true
        return judge()
      case 'grew':
        return view.shares(input.session) ? push(input.session) : []
      case 'given':
        sent.set(input.log, Math.max(sent.get(input.log) ?? 0, input.seq))
        return []
      case 'durable': {
        const effects: SyncEffect[] = []
        const rows: [Bytes, number][] = []
        for (const { log, given, durable } of input.logs) {
          // What came from the peer it has already: it is never pushed back.
          sent.set(log, Math.max(sent.get(log) ?? 0, given))
          if (given > view.acked(log)) effects.push({ kind: 'acked', log, durable: given })
          if (durable > 0) rows.push([view.name(log), durable])
        }
        for (let at = 0; at < rows.length; at += maxLogsPerSession) {
          effects.push(say([syncTypes.ack, rows.slice(at, at + maxLogsPerSession)]))
        }
        if (settled === false && theirs && isSame(view.digest(), theirs)) {
          effects.push(...equal(theirs, true))
        }
        return effects
      }
      case 'forked':
        return onForked(input.log, input.from)
      case 'suspect':
        return forks.suspect(input.log)
      case 'gap': {
        const { session } = splitLogId(input.log)
        const wants: [Bytes, number][] = [[idBytes(input.log), input.have]]
        return [say([syncTypes.want, idBytes(session), wants, []])]
      }
      case 'missing-blob':
        // A blob belongs to no session: the peer sends what it named itself.
        return [say([syncTypes.want, new Uint8Array(16), [], [[input.hash, input.have]]])]
      case 'retry':
        return input.sessions.flatMap(ask)
      case 'idle':
        return onIdle()
    }
  }
}
