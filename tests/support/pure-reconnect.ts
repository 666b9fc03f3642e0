/**
 * Two reconnect machines with nothing around them: a queue of blobs each way that a test delivers,
 * loses, repeats or mixes, and connections that exist once both sides have dialled one attempt.
 */
import { type Bytes, toHex } from '@baton/shared/bytes'
import { verifyKeyOf } from '@baton/shared/keyexchange/signature'
import { agree, exchangeKey } from '@baton/shared/keyexchange/x25519'
import { reconnectDeadline, startReconnect, stepReconnect } from '@baton/shared/protocol/reconnect'
import type {
  ReconnectEffect,
  ReconnectInput,
  ReconnectState,
} from '@baton/shared/protocol/reconnect-effects'
import { type Pair, sealHello } from '@baton/shared/protocol/reconnect-hello'
import { seededRandom } from './pair-world.ts'

export const hour = 472_222

const fill = (byte: number) => new Uint8Array(32).fill(byte)
const keysOf = (seed: number) => ({
  device: verifyKeyOf(fill(seed)),
  exchange: exchangeKey(fill(seed + 128)),
})

export interface Side {
  readonly name: 'low' | 'high'
  readonly pair: Pair
  state: ReconnectState
  readonly effects: ReconnectEffect[]
  /** Attempt ids (hex) by ordinal, as dialled. */
  readonly dialled: Map<number, string>
  put(input: Without<ReconnectInput>): void
  of<K extends ReconnectEffect['kind']>(kind: K): Extract<ReconnectEffect, { kind: K }>[]
  /** The id of the attempt that is the link, or undefined. */
  link(): string | undefined
}

type Without<T> = T extends unknown ? Omit<T, 'now' | 'entropy'> : never

export interface PureReconnect {
  readonly low: Side
  readonly high: Side
  now: number
  /** Static keys agree when the test says so: `agreeNow`. */
  slowAgree: boolean
  agreeNow(side: 'low' | 'high'): void
  /** Blobs on their way, by who gets them. */
  readonly queues: { readonly low: Bytes[]; readonly high: Bytes[] }
  deliver(to: 'low' | 'high', blob: Bytes): void
  /** Tells each side what became of its connections; false when there was nothing to tell. */
  connect(to: 'low' | 'high'): boolean
  /** Everything arrives in order, and time goes on, until both sides are at rest or 10 min passed. */
  quiesce(): void
}

export function createPureReconnect(seed: string): PureReconnect {
  const random = seededRandom(seed)
  const [one, two] = [keysOf(1), keysOf(2)]
  const root = fill(77)
  const oneIsLow = toHex(one.device) < toHex(two.device)
  const [lowKeys, highKeys] = oneIsLow ? [one, two] : [two, one]
  const [lowSeed, highSeed] = oneIsLow ? [1, 2] : [2, 1]
  const waiting: { low: (() => void)[]; high: (() => void)[] } = { low: [], high: [] }
  const self: PureReconnect = {
    low: side('low', { root, own: lowKeys, peer: highKeys }, lowSeed),
    high: side('high', { root, own: highKeys, peer: lowKeys }, highSeed),
    now: 0,
    slowAgree: false,
    agreeNow: (name) => {
      for (const run of waiting[name].splice(0)) run()
    },
    queues: { low: [], high: [] },
    deliver: (to, blob) => self[to].put({ kind: 'message', blob, hour }),
    connect,
    quiesce,
  }
  /** Ordinals given up or retired, by side and attempt. */
  const ended = { low: new Set<number>(), high: new Set<number>() }
  const told = { low: new Set<string>(), high: new Set<string>() }

  function side(name: 'low' | 'high', pair: Pair, keySeed: number): Side {
    const effects: ReconnectEffect[] = []
    const dialled = new Map<number, string>()
    const it: Side = {
      name,
      pair,
      state: startReconnect(pair, random.bytes(8), 0),
      effects,
      dialled,
      put(input) {
        const full = { ...input, now: self.now, entropy: random.bytes(40) } as ReconnectInput
        const [next, list] = stepReconnect(it.state, full)
        it.state = next
        for (const effect of list) {
          effects.push(effect)
          perform(it, effect, keySeed)
        }
      },
      of: (kind) => effects.filter((effect) => effect.kind === kind) as never,
      link: () => it.state.link && dialled.get(it.state.link.ordinal),
    }
    return it
  }

  function perform(from: Side, effect: ReconnectEffect, keySeed: number): void {
    const queue = self.queues[from.name === 'low' ? 'high' : 'low']
    if (effect.kind === 'hello')
      queue.push(sealHello(from.pair, hour, effect.body, random.bytes(16)))
    if (effect.kind === 'post') queue.push(effect.blob)
    if (effect.kind === 'dial') from.dialled.set(effect.attempt.ordinal, toHex(effect.attempt.id))
    if (effect.kind === 'cancel' || effect.kind === 'retire') ended[from.name].add(effect.ordinal)
    if (effect.kind === 'agree') {
      const secret = fill(keySeed + 128)
      const dh = agree(secret, effect.ephemeral)
      const ss = agree(secret, from.pair.peer.exchange)
      const answer = () => from.put({ kind: 'agreed', ordinal: effect.ordinal, dh, ss })
      if (self.slowAgree) waiting[from.name].push(answer)
      else answer()
    }
  }

  function connect(to: 'low' | 'high'): boolean {
    const other = to === 'low' ? 'high' : 'low'
    const peers = new Map([...self[other].dialled].map(([ordinal, id]) => [id, ordinal]))
    let any = false
    for (const [ordinal, id] of self[to].dialled) {
      if (ended[to].has(ordinal)) continue
      const theirs = peers.get(id)
      const gone = theirs !== undefined && ended[other].has(theirs)
      const word = gone ? `end ${ordinal}` : `bound ${ordinal}`
      if (theirs === undefined || told[to].has(word)) continue
      told[to].add(word)
      any = true
      if (!gone) self[to].put({ kind: 'bound', ordinal })
      else {
        ended[to].add(ordinal)
        if (self[to].state.link?.ordinal === ordinal) self[to].put({ kind: 'closed', ordinal })
        else self[to].put({ kind: 'failed', ordinal, code: 'link-closed' })
      }
    }
    return any
  }

  function quiesce(): void {
    for (let turn = 0; turn < 2_400; turn++) {
      let busy = true
      while (busy) {
        busy = false
        for (const to of ['low', 'high'] as const) {
          for (const blob of self.queues[to].splice(0)) {
            busy = true
            self.deliver(to, blob)
          }
          if (connect(to)) busy = true
        }
      }
      const due = [self.low, self.high].map(({ state }) => reconnectDeadline(state))
      if (due.every((at) => at === undefined) && self.low.link() === self.high.link()) return
      self.now += 250
      for (const each of [self.low, self.high]) each.put({ kind: 'tick' })
    }
  }

  return self
}
