/**
 * The sync machine of one bound link (rules SY1 to SY9). It decides what to say and what to push;
 * the caller reads, stores and streams. Input is what happened, effects are data, in order; nothing
 * here waits or throws.
 *
 *   open ──HELLO──▶ push what the peer has not acknowledged ──PUSHED──▶
 *   its PUSHED is stored ──CHECK──▶ equal: silence. Else the offering side asks: STATE ▶ VECTOR ▶ push
 */
import { type Bytes, compareBytes, equalBytes, toBase64url } from '../bytes.ts'
import {
  deviceId,
  idBytes,
  joinLogId,
  type LogId,
  logId,
  type SessionId,
  sessionId,
  splitLogId,
} from '../ids.ts'
import { type SyncForm, type SyncMessage, syncTypes } from './sync-messages.ts'

export interface SyncHead {
  readonly log: LogId
  readonly seq: number
  readonly h: Bytes
}

/** What the machine may look at: this device's side, as it stands when asked. */
export interface SyncView {
  /** Sessions that this device and the peer both may hold. */
  sessions(): readonly SessionId[]
  heads(session: SessionId): readonly SyncHead[]
  /** First 8 bytes of the frontier digest of one session, and of all shared ones. */
  sessionDigest(session: SessionId): Bytes
  digest(): Bytes
  /** What the peer is known to hold durably of a log: 0 for nothing. */
  acked(log: LogId): number
}

export type SyncInput =
  | { readonly kind: 'open' }
  | { readonly kind: 'message'; readonly message: SyncMessage }
  /** A log of a shared session has more entries than before, or a session became shared. */
  | { readonly kind: 'grew'; readonly session: SessionId }
  /** Everything received so far of these logs is on disk. */
  | {
      readonly kind: 'durable'
      readonly session: SessionId
      readonly logs: readonly { readonly log: LogId; readonly received: number }[]
    }
  /** A delta did not follow what is held. */
  | {
      readonly kind: 'gap'
      readonly session: SessionId
      readonly log: LogId
      readonly have: number
    }
  | {
      readonly kind: 'missing-blob'
      readonly session: SessionId
      readonly hash: Bytes
      readonly have: number
    }
  /** Nothing moved for a while. */
  | { readonly kind: 'idle' }

export type SyncEffect =
  | { readonly kind: 'send'; readonly form: SyncForm<keyof typeof syncTypes> }
  /** Stream the entries of `log` after seq `after` up to its head. `first`: announce a snapshot. */
  | {
      readonly kind: 'push'
      readonly session: SessionId
      readonly logs: readonly { readonly log: LogId; readonly after: number }[]
      readonly first: boolean
    }
  | { readonly kind: 'push-blob'; readonly hash: Bytes; readonly offset: number }
  /** Behind everything pushed so far. */
  | { readonly kind: 'pushed' }
  | {
      readonly kind: 'acked'
      readonly session: SessionId
      readonly log: LogId
      readonly durable: number
    }
  /** Both sides hold the same; `settled` is said once per change of that. */
  | { readonly kind: 'settled'; readonly settled: boolean }

const maxRepairs = 8

/** `offers`: this side has the smaller key, and alone begins a repair. */
export function createSync(view: SyncView, offers: boolean): (input: SyncInput) => SyncEffect[] {
  const sent = new Map<LogId, number>()
  let peerPushed = false
  let peerCheck: Bytes | undefined
  let repairs = 0
  let settled: boolean | undefined
  let lastCheck: Bytes | undefined

  const say = (form: SyncForm<keyof typeof syncTypes>): SyncEffect => ({ kind: 'send', form })

  function push(session: SessionId): SyncEffect[] {
    const heads = view.heads(session)
    const first = heads.every(({ log }) => view.acked(log) === 0 && !sent.has(log))
    const logs: { log: LogId; after: number }[] = []
    for (const { log, seq } of heads) {
      const after = Math.max(sent.get(log) ?? 0, view.acked(log))
      if (seq <= after) continue
      logs.push({ log, after })
      sent.set(log, seq)
    }
    return logs.length === 0 ? [] : [{ kind: 'push', session, logs, first }]
  }

  function check(): SyncEffect[] {
    const digest = view.digest()
    if (lastCheck && equalBytes(lastCheck, digest)) return compare()
    lastCheck = digest
    return [say([syncTypes.check, digest]), ...compare()]
  }

  function compare(): SyncEffect[] {
    if (!peerPushed || peerCheck === undefined) return []
    const same = equalBytes(peerCheck, view.digest())
    const effects: SyncEffect[] = []
    if (same !== settled) effects.push({ kind: 'settled', settled: same })
    settled = same
    if (same || !offers || repairs >= maxRepairs) return effects
    repairs++
    const rows = view.sessions().map((id): [Bytes, Bytes] => [idBytes(id), view.sessionDigest(id)])
    return [...effects, say([syncTypes.state, rows])]
  }

  function vector(session: SessionId, answer: boolean): SyncEffect {
    const rows = view.heads(session).map(({ log, seq, h }): [Bytes, Bytes, number, Bytes] => {
      const { device, incarnation } = splitLogId(log)
      return [idBytes(device), incarnation, seq, h.slice(0, 8)]
    })
    return say([syncTypes.vector, idBytes(session), answer, rows])
  }

  function onState(form: SyncForm<'state'>): SyncEffect[] {
    const theirs = new Map(form[1].map(([id, digest]) => [sessionId(id), digest]))
    for (const id of view.sessions()) {
      const digest = theirs.get(id)
      if (digest && equalBytes(digest, view.sessionDigest(id))) theirs.delete(id)
      else theirs.set(id, new Uint8Array(0))
    }
    return [...theirs.keys()].map((id) => vector(id, false))
  }

  /** The peer's own word on what it holds replaces what was believed about it. */
  function onVector([, id, answer, rows]: SyncForm<'vector'>): SyncEffect[] {
    const session = sessionId(id)
    if (!view.sessions().includes(session)) {
      return answer ? [] : [say([syncTypes.vector, id, true, []])]
    }
    const has = new Map<LogId, { seq: number; h: Bytes }>()
    for (const [device, incarnation, seq, h] of rows) {
      has.set(joinLogId(session, deviceId(device), incarnation), { seq, h })
    }
    const effects: SyncEffect[] = []
    const logs: { log: LogId; after: number }[] = []
    for (const { log, seq } of view.heads(session)) {
      const after = has.get(log)?.seq ?? 0
      if (after < seq) logs.push({ log, after })
      sent.set(log, seq)
      if (after <= seq) effects.push({ kind: 'acked', session, log, durable: after })
    }
    if (logs.length > 0) effects.push({ kind: 'push', session, logs, first: has.size === 0 })
    if (!answer) effects.push(vector(session, true))
    return effects
  }

  function onMessage(message: SyncMessage): SyncEffect[] {
    switch (message.kind) {
      case 'pushed':
        peerPushed = true
        return check()
      case 'check':
        peerCheck = message.form[1]
        return peerPushed ? check() : []
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

  function onAck([, id, rows]: SyncForm<'ack'>): SyncEffect[] {
    const session = sessionId(id)
    const byRef = new Map(view.heads(session).map((head) => [toBase64url(logRef(head.log)), head]))
    return rows.flatMap(([ref, , durable]): SyncEffect[] => {
      const head = byRef.get(toBase64url(ref))
      if (!head || durable > head.seq || durable <= view.acked(head.log)) return []
      return [{ kind: 'acked', session, log: head.log, durable }]
    })
  }

  function onWant([, id, wants, blobs]: SyncForm<'want'>): SyncEffect[] {
    const session = sessionId(id)
    if (!view.sessions().includes(session)) return []
    const heads = new Map(view.heads(session).map((head) => [head.log, head.seq]))
    const logs = wants
      .map(([log, after]) => ({ log: logId(log), after }))
      .filter(({ log, after }) => after < (heads.get(log) ?? 0))
    const effects: SyncEffect[] = blobs.map(([hash, offset]) => ({
      kind: 'push-blob',
      hash,
      offset,
    }))
    if (logs.length > 0) effects.push({ kind: 'push', session, logs, first: false })
    return effects
  }

  return (input) => {
    switch (input.kind) {
      case 'open': {
        const sessions = [...view.sessions()].sort((a, b) => compareBytes(idBytes(a), idBytes(b)))
        const hello = say([syncTypes.hello, view.digest()])
        return [hello, ...sessions.flatMap(push), { kind: 'pushed' }]
      }
      case 'message':
        return onMessage(input.message)
      case 'grew':
        return view.sessions().includes(input.session) ? push(input.session) : []
      case 'durable': {
        // What came from the peer it has already: it is never pushed back.
        const held: SyncEffect[] = []
        for (const { log, received } of input.logs) {
          sent.set(log, Math.max(sent.get(log) ?? 0, received))
          if (view.acked(log) >= received) continue
          held.push({ kind: 'acked', session: input.session, log, durable: received })
        }
        const rows = input.logs.map(({ log, received }): [Bytes, number, number] => [
          logRef(log),
          received,
          received,
        ])
        return [...held, say([syncTypes.ack, idBytes(input.session), rows])]
      }
      case 'gap':
        return [
          say([syncTypes.want, idBytes(input.session), [[idBytes(input.log), input.have]], []]),
        ]
      case 'missing-blob':
        return [say([syncTypes.want, idBytes(input.session), [], [[input.hash, input.have]]])]
      case 'idle':
        return peerPushed ? check() : []
    }
  }
}

/**
 * Eight bytes that name a log to a peer that holds it: parts of the session id, the device key and
 * the incarnation, all uniformly random. A sender that sees two logs share one uses the full form.
 */
export function logRef(log: LogId): Bytes {
  const { session, device, incarnation } = splitLogId(log)
  const ref = new Uint8Array(8)
  ref.set(idBytes(session).subarray(0, 2))
  ref.set(idBytes(device).subarray(0, 2), 2)
  ref.set(incarnation.subarray(0, 4), 4)
  return ref
}
