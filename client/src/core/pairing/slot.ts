/**
 * Runs one pairing machine over one slot: effects become calls on the ports, what comes of them
 * becomes inputs. Rules: P. Which codes exist, and that two slots may belong to one invitation, it
 * does not know.
 */
import type { Bytes } from '@baton/shared/bytes'
import { BatonError } from '@baton/shared/errors'
import type {
  PairingConfig,
  PairingEffect,
  PairingInput,
} from '@baton/shared/protocol/pairing-effects'
import { runId } from '@baton/shared/protocol/pairing-identity'
import {
  type InviterState,
  inviterDeadline,
  startInviter,
  stepInviter,
} from '@baton/shared/protocol/pairing-inviter'
import {
  type JoinerState,
  joinerDeadline,
  startJoiner,
  stepJoiner,
} from '@baton/shared/protocol/pairing-joiner'
import type { Slot, SlotEvent } from '../ports/rendezvous.ts'
import { dialPaired, type PairDial } from './dial.ts'
import { describeFailure, type Failure, failureOf } from './failure.ts'
import type { PairKeeping } from './keeper.ts'
import { pairedPeer, shortId } from './peer.ts'
import type { PairPorts, PairRunEvent } from './ports.ts'

export interface PairSlotOptions {
  readonly ports: PairPorts
  readonly keeping: PairKeeping
  readonly role: 'inviter' | 'joiner'
  readonly slot: Slot
  readonly config: PairingConfig
  emit(event: PairRunEvent): void
  /** Exactly one of these runs, once, last. */
  failed(failure: Failure): void
  paired(event: Extract<PairRunEvent, { at: 'paired' }>): void
}

export interface PairSlot {
  answer(match: boolean): void
  cancel(): void
  /** Ends it without a word to anybody; what is on disk stays for the next start. */
  stop(): void
}

type Without<T> = T extends unknown ? Omit<T, 'now'> : never

export function runPairSlot(options: PairSlotOptions): PairSlot {
  const { ports, keeping, role, slot, config, emit } = options
  const { clock, random, keyring, verify, trace } = ports
  const machine = createMachine(role, config)
  let startedAt = clock.monotonic()
  let dial: PairDial | undefined
  let over = false
  let cancelTimer = () => {}
  let tail: Promise<unknown> = Promise.resolve()

  const dispatch = (input: Without<PairingInput>): void => {
    if (!over) perform(machine.step({ ...input, now: clock.monotonic() } as PairingInput))
  }
  const ended = () => dispatch({ kind: 'ended' })
  const written = (work: Promise<void>) =>
    void work.then(
      () => dispatch({ kind: 'done', ok: true }),
      () => dispatch({ kind: 'done', ok: false }),
    )
  /** Blobs leave in the order they were sealed, or the peer's counter would drop them. */
  const queued = (work: () => Promise<void>) => {
    tail = tail.then(work).catch(ended)
  }

  function perform(effects: readonly PairingEffect[]): void {
    for (const effect of effects) run(effect)
    cancelTimer()
    const due = machine.deadline()
    if (due === undefined || over) return
    cancelTimer = clock.after(due - clock.monotonic(), () => dispatch({ kind: 'tick' }))
  }

  function run(effect: PairingEffect): void {
    switch (effect.kind) {
      case 'send':
        queued(() => slot.send(effect.blob))
        return
      case 'release':
        queued(() => slot.release())
        return
      case 'sign':
        void keyring
          .sign(effect.statement)
          .then((signature) => dispatch({ kind: 'signed', signature }), ended)
        return
      case 'verify':
        void Promise.resolve(verify(effect.key, effect.statement, effect.signature)).then(
          (ok) => dispatch({ kind: 'verified', ok }),
          () => dispatch({ kind: 'verified', ok: false }),
        )
        return
      case 'persist':
        written(keeping.persist(effect.pending))
        return
      case 'forget':
        void keeping.forget(effect.th).catch(() => trace('pairing.memory', { ok: false }))
        return
      case 'commit':
        written(keeping.commit(effect.met, effect.answer))
        return
      case 'adopt':
        written(keeping.adopt(effect.met, effect.th))
        return
      case 'progress':
        if (effect.at === 'claimed') startedAt = clock.monotonic()
        emit({ at: effect.at })
        return
      case 'check': {
        const { name, platform, device } = effect.met.peer
        const emoji = effect.met.emoji.map((each) => `${each.symbol} ${each.name}`)
        const peer = { name, platform, short: shortId(device) }
        emit({ at: 'check', emoji, peer, confirm: effect.met.confirm })
        return
      }
      case 'dial':
        emit({ at: 'connecting' })
        dial = dialPaired({
          ports,
          met: effect.met,
          attempt: runId(effect.th),
          carry: (signal) => dispatch({ kind: 'signal', signal }),
          envelope: () => machine.envelope(),
        })
        return
      case 'signal':
        dial?.accept(effect.signal)
        return
      case 'paired':
        if (effect.acknowledged) keeping.acknowledged()
        void settle(effect.met)
        return
      case 'failed':
        trace('pairing.failed', { role, error: effect.code, reason: effect.reason })
        keeping.abandoned()
        dial?.cancel('pairing failed')
        finish()
        options.failed(describeFailure(role, effect.code, effect.reason))
        return
    }
  }

  /** Paired; the link may still be on its way, or never come. */
  async function settle(met: Parameters<typeof pairedPeer>[0]): Promise<void> {
    const link = await dial?.link
    if (over) return
    const ms = clock.monotonic() - startedAt
    trace('pairing.paired', { role, ok: link !== undefined, ms })
    finish()
    options.paired({ at: 'paired', peer: pairedPeer(met), link, ms })
  }

  function finish(): void {
    over = true
    cancelTimer()
    void tail.then(() => slot.close()).catch(() => trace('pairing.slot', { ok: false }))
  }

  /** Undefined, and the run over, when the random source repeats: it would give two runs one scalar. */
  function draw(): Bytes | undefined {
    try {
      return random.bytes(64)
    } catch (error) {
      trace('pairing.failed', { role, reason: 'random' })
      keeping.abandoned()
      finish()
      options.failed(failureOf(error))
      return undefined
    }
  }

  // Before the handler: what the slot has kept for it comes while it is set.
  const first = role === 'joiner' ? draw() : new Uint8Array()
  if (first) perform(machine.start(first, clock.monotonic()))
  slot.onEvent((event: SlotEvent) => {
    switch (event.kind) {
      case 'claimed': {
        const entropy = over ? undefined : draw()
        if (entropy) dispatch({ kind: 'claimed', entropy })
        return
      }
      case 'message':
        dispatch({ kind: 'message', blob: event.blob })
        return
      case 'released':
      case 'ended':
        dispatch({ kind: event.kind })
        return
      default:
        trace('pairing.slot', { kind: event.kind })
    }
  })

  return {
    answer: (match) => dispatch({ kind: 'answer', match }),
    cancel: () => dispatch({ kind: 'cancel' }),
    stop() {
      if (over) return
      dial?.cancel('closed')
      finish()
    },
  }
}

/** Either role's machine behind one face. */
function createMachine(role: 'inviter' | 'joiner', config: PairingConfig) {
  let inviter: InviterState | undefined
  let joiner: JoinerState | undefined

  return {
    start(entropy: Uint8Array, now: number): readonly PairingEffect[] {
      if (role === 'inviter') {
        inviter = startInviter(config, now)
        return []
      }
      const [state, effects] = startJoiner(config, entropy, now)
      joiner = state
      return effects
    },
    step(input: PairingInput): readonly PairingEffect[] {
      if (inviter) {
        const [state, effects] = stepInviter(inviter, input)
        inviter = state
        return effects
      }
      if (!joiner) return []
      const [state, effects] = stepJoiner(joiner, input)
      joiner = state
      return effects
    },
    deadline: () => (inviter ? inviterDeadline(inviter) : joiner && joinerDeadline(joiner)),
    envelope() {
      const state = inviter ?? joiner
      if (state && 'envelope' in state) return state.envelope
      throw new BatonError('invalid', 'failed to take over a pairing that has no keys')
    },
  }
}
