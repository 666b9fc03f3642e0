/**
 * Two sync machines and nothing else: logs are numbers, a link is two queues per direction, and what
 * is stored, flushed and believed can be set at will. For laws that must hold in every interleaving.
 */
import { compareBytes } from '@baton/shared/bytes'
import { idBytes, joinLogId, type LogId, type SessionId, splitLogId } from '@baton/shared/ids'
import { logRef } from '@baton/shared/log/log-ref'
import { createSync } from '@baton/shared/protocol/sync'
import type { SyncEffect, SyncInput, SyncView } from '@baton/shared/protocol/sync-effects'
import {
  encodeSync,
  parseSync,
  type SyncForm,
  type SyncMessage,
  syncTypes,
} from '@baton/shared/protocol/sync-messages'
import { nodePrimitives, session, signer } from './signer.ts'

const { sha256 } = nodePrimitives
const number = (value: number) => new TextEncoder().encode(`${value}`)

export const sessions: readonly SessionId[] = [session(1), session(2), session(3)]
/** Two logs of each session. */
export const logs: readonly LogId[] = sessions.flatMap((id) =>
  [1, 2].map((who) => joinLogId(id, signer(who).device, new Uint8Array(8).fill(who))),
)

/** What is asked of each log at every step: worked out once. */
const read = (log: LogId) => ({
  session: splitLogId(log).session,
  bytes: idBytes(log),
  name: logRef(log),
})
const known = new Map(logs.map((log) => [log, read(log)]))
const about = (log: LogId) => known.get(log) ?? read(log)

/** What goes over the link besides messages: entries up to `to`, behind `after`. */
type Item =
  | { readonly lane: 'live' | 'bulk'; readonly kind: 'message'; readonly bytes: Uint8Array }
  | {
      readonly lane: 'live' | 'bulk'
      readonly kind: 'data'
      readonly log: LogId
      readonly after: number
      readonly to: number
    }

export interface Side {
  /** Entries held, and how many of them are on disk. */
  readonly held: Map<LogId, number>
  readonly durable: Map<LogId, number>
  readonly acks: Map<LogId, number>
  readonly shares: Set<SessionId>
  /** Sessions whose entries are not stored when they come. */
  readonly refuses: Set<SessionId>
  readonly out: Item[]
  /** Everything it ever said, by kind of message. */
  readonly said: string[]
  settled: boolean | undefined
  step(input: SyncInput): void
  grow(log: LogId, by: number): void
  /** Takes the next item of a lane of the other side; false when there is none. */
  take(lane: 'live' | 'bulk'): boolean
  flush(): void
}

function createSide(offers: boolean, other: () => Side): Side {
  const side: Side = {
    held: new Map(),
    durable: new Map(),
    acks: new Map(),
    shares: new Set(sessions),
    refuses: new Set(),
    out: [],
    said: [],
    settled: undefined,
    step,
    grow(log, by) {
      side.held.set(log, (side.held.get(log) ?? 0) + by)
      side.durable.set(log, side.held.get(log) ?? 0)
      step({ kind: 'grew', session: about(log).session })
    },
    take,
    flush,
  }
  const dirty = new Map<LogId, number>()
  let greetingLeft: number | undefined

  const headsOf = (id: SessionId) =>
    logs
      .filter((log) => about(log).session === id && (side.held.get(log) ?? 0) > 0)
      .map((log) => {
        const seq = side.held.get(log) ?? 0
        return { log, seq, h: sha256(about(log).bytes, number(seq)) }
      })
  const digestOf = (ids: readonly SessionId[]) =>
    sha256(
      ...ids.flatMap((id) =>
        headsOf(id).flatMap(({ log, seq }) => [about(log).bytes, number(seq)]),
      ),
    ).slice(0, 8)

  const view: SyncView = {
    sessions: () => sessions.filter((id) => side.shares.has(id)),
    shares: (id) => side.shares.has(id),
    heads: headsOf,
    seq: (log) => side.held.get(log) ?? 0,
    sessionDigest: (id) => digestOf([id]),
    digest: () => digestOf(sessions.filter((id) => side.shares.has(id))),
    gone: () => 0,
    acked: (log) => side.acks.get(log) ?? 0,
    resolve: (name) => logs.find((log) => compareBytes(about(log).name, name) === 0),
    name: (log) => about(log).name,
  }
  const machine = createSync(view, offers)

  function say(lane: 'live' | 'bulk', form: SyncForm<keyof typeof syncTypes>): void {
    const bytes = encodeSync(form)
    side.said.push(Object.entries(syncTypes).find(([, type]) => type === form[0])?.[0] ?? '?')
    side.out.push({ lane, kind: 'message', bytes })
  }

  function data(lane: 'live' | 'bulk', log: LogId, after: number): void {
    side.said.push('data')
    side.out.push({ lane, kind: 'data', log, after, to: side.held.get(log) ?? 0 })
  }

  function step(input: SyncInput): void {
    for (const effect of machine(input)) run(effect)
  }

  function run(effect: SyncEffect): void {
    switch (effect.kind) {
      case 'send':
        say('live', effect.form)
        break
      case 'greet': {
        const first = effect.pushes.some((push) => push.first)
        const all = effect.pushes.flatMap((push) => push.logs)
        say('live', [syncTypes.hello, effect.digest, first ? null : all.length])
        for (const { log, after } of all) data(first ? 'bulk' : 'live', log, after)
        if (first) say('bulk', [syncTypes.pushed])
        break
      }
      case 'push':
        for (const { log, after } of effect.logs) data('bulk', log, after)
        break
      case 'pushed':
        say('bulk', [syncTypes.pushed])
        break
      case 'acked':
        side.acks.set(effect.log, effect.durable)
        break
      case 'confirm':
        flush()
        step({
          kind: 'durable',
          logs: headsOf(effect.session).map(({ log }) => ({
            log,
            given: 0,
            durable: side.durable.get(log) ?? 0,
          })),
        })
        break
      case 'settled':
        side.settled = effect.settled
    }
  }

  function take(lane: 'live' | 'bulk'): boolean {
    const from = other()
    const at = from.out.findIndex((item) => item.lane === lane)
    const [item] = at < 0 ? [] : from.out.splice(at, 1)
    if (!item) return false
    if (item.kind === 'data') {
      store(item)
      if (lane === 'live' && greetingLeft !== undefined && --greetingLeft === 0) {
        greetingLeft = undefined
        step({ kind: 'greeted' })
      }
    } else receive(parseSync(item.bytes))
    return true
  }

  function receive(message: SyncMessage | undefined): void {
    if (message === undefined) return
    const live = message.kind === 'hello' ? message.form[2] : undefined
    if (message.kind !== 'pushed') step({ kind: 'message', message })
    if (message.kind === 'pushed' || live === 0) step({ kind: 'greeted' })
    else if (live) greetingLeft = live
  }

  function store({ log, after, to }: Extract<Item, { kind: 'data' }>): void {
    if (side.refuses.has(about(log).session)) return
    step({ kind: 'given', log, seq: to })
    const have = side.held.get(log) ?? 0
    if (after > have) {
      step({ kind: 'gap', log, have })
      return
    }
    if (to > have) {
      side.held.set(log, to)
      step({ kind: 'grew', session: about(log).session })
    }
    dirty.set(log, Math.max(dirty.get(log) ?? 0, to))
  }

  function flush(): void {
    for (const [log, seq] of side.held) side.durable.set(log, seq)
    const rows = [...dirty].map(([log, given]) => ({
      log,
      given,
      durable: side.durable.get(log) ?? 0,
    }))
    dirty.clear()
    if (rows.length > 0) step({ kind: 'durable', logs: rows })
  }

  return side
}

/** One order of events out of a number. */
export function roller(from: number): () => number {
  let state = from >>> 0
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state >>> 8
  }
}

export interface Sim {
  readonly alice: Side
  readonly bob: Side
  /** Delivers and flushes, in an order drawn from `roll`, until nothing is left. */
  settle(roll?: () => number): void
}

export function createSim(): Sim {
  const alice: Side = createSide(true, () => bob)
  const bob: Side = createSide(false, () => alice)
  return {
    alice,
    bob,
    settle(roll = roller(1)) {
      for (let steps = 0; ; steps++) {
        if (steps > 5000) throw new Error('it never ends')
        const choices = [alice, bob].flatMap((side) => [
          () => side.take('live'),
          () => side.take('bulk'),
          () => {
            side.flush()
            return false
          },
        ])
        const [chosen] = choices.splice(roll() % choices.length, 1)
        if (chosen?.() || alice.out.length + bob.out.length > 0) continue
        alice.flush()
        bob.flush()
        if (alice.out.length + bob.out.length === 0) return
      }
    },
  }
}
