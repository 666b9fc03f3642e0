/**
 * Keeps one paired device reachable: listens at its mailboxes, dials, binds, hands over the bound
 * channel, and starts again when it ends. Runs the reconnect machine (shared/protocol/reconnect).
 * Rules: RC. What travels over the channel it does not know.
 */
import type { Bytes } from '@baton/shared/bytes'
import { type BatonError, type ErrorCode, isBatonError } from '@baton/shared/errors'
import { graceMs, rollMarginMs } from '@baton/shared/limits'
import type { Verify } from '@baton/shared/primitives'
import { reconnectDeadline, startReconnect, stepReconnect } from '@baton/shared/protocol/reconnect'
import type { Attempt } from '@baton/shared/protocol/reconnect-attempt'
import type { ReconnectEffect, ReconnectInput } from '@baton/shared/protocol/reconnect-effects'
import { helloSaltBytes, type Pair, sealHello } from '@baton/shared/protocol/reconnect-hello'
import type { FreshRandom } from '../fresh-random.ts'
import type { PairMemory, PairRecord } from '../pairing/memory.ts'
import type { Dialer, Dialing, IceSettings } from '../ports/channel.ts'
import type { Clock, Keyring, Trace } from '../ports/platform.ts'
import type { Rendezvous } from '../ports/rendezvous.ts'
import { type BoundChannel, bindChannel, type PairedLink } from './bind.ts'
import { openPairMailbox } from './mailbox.ts'

export interface ContactPorts {
  readonly rendezvous: Rendezvous
  readonly dialer: Dialer
  readonly keyring: Keyring
  readonly memory: PairMemory
  readonly clock: Clock
  readonly random: FreshRandom
  readonly trace: Trace
  readonly verify: Verify
  ice(): IceSettings
}

export interface ContactHooks {
  /**
   * A bound channel to the device. When one is there already the new one replaces it, on both
   * sides: go on with this one; the old one closes after a second. For the link of a pairing it
   * runs before `openContact` returns.
   */
  connected(bound: BoundChannel): void
  /** No channel is left. */
  disconnected(reason: string): void
  /** Why there is no link yet, once per change of its code. */
  trouble(trouble: Trouble): void
}

export interface Trouble {
  /** `no-answer`, `no-path`, `clock-skew` and the like. */
  readonly code: ErrorCode
  /** Of a dial: what was tried, in counts, without addresses. */
  readonly message: string | undefined
  readonly hint: string | undefined
}

export interface Contact {
  state(): 'connected' | 'connecting' | 'waiting' | 'closed'
  /** Tries at once: after a network change, a wake from sleep, or when a person asks. */
  wake(): void
  /** Closes channel and mailboxes; the pairing stays. */
  close(): Promise<void>
}

/** One attempt's connection, until it is the link or nothing. */
interface Call {
  readonly dialing: Dialing
  bound: BoundChannel | undefined
  cancelled: boolean
}

type Without<T> = T extends unknown ? Omit<T, 'now' | 'entropy'> : never

/** `link`: the channel that pairing just opened. */
export function openContact(
  ports: ContactPorts,
  peer: PairRecord,
  hooks: ContactHooks,
  link?: PairedLink,
): Contact {
  const { rendezvous, dialer, keyring, clock, random, memory, trace } = ports
  const pair: Pair = {
    root: peer.root,
    own: { device: keyring.device, exchange: keyring.exchange },
    peer: { device: peer.device, exchange: peer.exchange },
  }
  const calls = new Map<number, Call>()
  const shared = keyring.agree(peer.exchange)
  // Asked for again by every attempt, which reports it.
  shared.catch(() => {})
  let lastVersion = peer.version
  let lastTrouble: string | undefined
  let lastFailure: BatonError | undefined
  let closed = false
  let cancelTimer = () => {}

  const envelope = link?.takeOver((signal) => dispatch({ kind: 'signal', ordinal: 0, signal }))
  let state = startReconnect(pair, random.bytes(8), clock.monotonic(), envelope)
  const mailbox = openPairMailbox({
    rendezvous,
    clock,
    root: peer.root,
    side: state.side,
    // With a wrong clock the hours around stay open for the link's restarts.
    withoutContactMs: () => (state.link && !isSkewed() ? 0 : clock.monotonic() - state.linkAt),
    onBlob: (blob, hour) => dispatch({ kind: 'message', blob, hour }),
  })

  function dispatch(input: Without<ReconnectInput>): void {
    if (closed) return
    const entropy = draw()
    if (!entropy) return
    const drawn = { now: clock.monotonic(), entropy }
    const [next, effects] = stepReconnect(state, { ...input, ...drawn } as ReconnectInput)
    state = next
    for (const effect of effects) run(effect)
    cancelTimer()
    const due = reconnectDeadline(state)
    if (due === undefined || closed) return
    cancelTimer = clock.after(due - clock.monotonic(), () => {
      mailbox.look()
      dispatch({ kind: 'tick' })
    })
  }

  /** Undefined, and the contact closed, when the random source repeats: no key is made of it. */
  function draw(): Bytes | undefined {
    try {
      return random.bytes(entropyBytes)
    } catch (error) {
      lastFailure = isBatonError(error) ? error : undefined
      report(codeOf(error))
      void close()
      return undefined
    }
  }

  function run(effect: ReconnectEffect): void {
    switch (effect.kind) {
      case 'hello':
        mailbox
          .post((hour) => sealHello(pair, hour, effect.body, random.bytes(helloSaltBytes)))
          .catch((error: unknown) => dispatch({ kind: 'unposted', code: codeOf(error) }))
        return
      case 'post':
        // Lost like any other: the attempt's own timer answers for it.
        mailbox.post(() => effect.blob).catch(() => trace('contact.unposted'))
        return
      case 'agree':
        Promise.all([keyring.agree(effect.ephemeral), shared]).then(
          ([dh, ss]) => dispatch({ kind: 'agreed', ordinal: effect.ordinal, dh, ss }),
          () => dispatch({ kind: 'failed', ordinal: effect.ordinal, code: 'bad-key' }),
        )
        return
      case 'dial':
        dial(effect.attempt, effect.initiator)
        return
      case 'signal':
        calls.get(effect.ordinal)?.dialing.accept(effect.signal)
        return
      case 'cancel':
        drop(effect.ordinal, 'given up')
        return
      case 'use':
        use(effect.ordinal)
        return
      case 'retire':
        clock.after(graceMs, () => drop(effect.ordinal, 'replaced'))
        return
      case 'trouble':
        report(effect.code)
    }
  }

  function dial({ ordinal, id, hash }: Attempt, initiator: boolean): void {
    const dialing = dialer.dial({
      initiator,
      ice: ports.ice(),
      signal: (signal) => dispatch({ kind: 'signal', ordinal, signal }),
    })
    const call: Call = { dialing, bound: undefined, cancelled: false }
    calls.set(ordinal, call)
    trace('contact.dial', { initiator })
    dialing.channel
      .then((channel) =>
        bindChannel(channel, { peer: peer.device, hash, attempt: id, lastVersion }, ports),
      )
      .then(
        (bound) => {
          call.bound = bound
          if (call.cancelled || closed) void bound.channel.close('given up')
          else dispatch({ kind: 'bound', ordinal })
        },
        (error: unknown) => {
          calls.delete(ordinal)
          lastFailure = isBatonError(error) ? error : undefined
          dispatch({ kind: 'failed', ordinal, code: codeOf(error) })
        },
      )
  }

  function use(ordinal: number): void {
    const bound = calls.get(ordinal)?.bound
    if (!bound) return
    lastTrouble = undefined
    if (bound.peerVersion !== lastVersion) void rememberVersion(bound.peerVersion)
    trace('contact.connected')
    hooks.connected(bound)
    bound.channel.onClose((end) => {
      calls.delete(ordinal)
      const was = state.link?.ordinal === ordinal
      dispatch({ kind: 'closed', ordinal })
      if (was && !closed) hooks.disconnected(end.reason)
    })
  }

  async function rememberVersion(version: number): Promise<void> {
    lastVersion = version
    try {
      const record = (await memory.all()).find(({ id }) => id === peer.id)
      if (record?.at === 'paired') await memory.put({ ...record, version })
    } catch {
      // What lands here: a disk that refuses. The next contact tries again.
      trace('contact.memory', { ok: false })
    }
  }

  function drop(ordinal: number, reason: string): void {
    const call = calls.get(ordinal)
    if (!call) return
    calls.delete(ordinal)
    call.cancelled = true
    call.dialing.cancel(reason)
    if (call.bound) void call.bound.channel.close(reason)
  }

  function isSkewed(): boolean {
    const serverNow = rendezvous.serverTime()
    return serverNow !== undefined && Math.abs(serverNow - clock.now()) > rollMarginMs
  }

  function report(code: ErrorCode): void {
    const told = code === 'no-answer' && isSkewed() ? 'clock-skew' : code
    if (told === lastTrouble) return
    lastTrouble = told
    trace('contact.trouble', { error: told })
    const tried = lastFailure?.code === told ? lastFailure : undefined
    hooks.trouble({ code: told, message: tried?.message, hint: tried?.hint ?? hints[told] })
  }

  async function close(): Promise<void> {
    if (closed) return
    closed = true
    cancelTimer()
    unwatch()
    mailbox.close()
    const open = [...calls.values()]
    calls.clear()
    for (const call of open) {
      call.cancelled = true
      call.dialing.cancel('closed')
    }
    await Promise.all(open.map((call) => call.bound?.channel.close('closed')))
  }

  let unwatch = () => {}
  unwatch = rendezvous.onState((service) => {
    if (service === 'down') return
    mailbox.look()
    dispatch({ kind: 'seek' })
  })
  if (link) {
    calls.set(0, { dialing: link.dialing, bound: link.bound, cancelled: false })
    use(0)
  } else {
    dispatch({ kind: 'seek' })
  }

  return {
    state() {
      if (closed) return 'closed'
      if (state.link) return 'connected'
      return state.phase.at === 'agree' || state.phase.at === 'dial' ? 'connecting' : 'waiting'
    },
    wake() {
      mailbox.look()
      dispatch({ kind: 'seek' })
    },
    close,
  }
}

const entropyBytes = 40

const codeOf = (error: unknown): ErrorCode => (isBatonError(error) ? error.code : 'no-path')

const hints: Partial<Record<ErrorCode, string>> = {
  'clock-skew': 'set the clock of this device: it and the signaling service differ',
  'unsupported-version': 'bring both devices to the same version',
  'no-path': 'both devices are there but cannot reach each other: set a TURN server',
}
