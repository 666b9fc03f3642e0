/**
 * Pairs this device with another by a code or a QR, up to an open, bound channel: draws and reads
 * codes, opens and claims slots, and runs a machine over each (slot.ts). Rules: P. The roster and
 * the sessions are the mesh's; here they are hooks.
 */
import { toHex } from '@baton/shared/bytes'
import { BatonError } from '@baton/shared/errors'
import {
  codeRandomBytes,
  makeCode,
  type PairingCode,
  parseCode,
} from '@baton/shared/keyexchange/code'
import { makeLink, parseLink } from '@baton/shared/keyexchange/code-link'
import { channelIdentifier, type PairingMethod } from '@baton/shared/keyexchange/confirm'
import { codeLifeMs, qrSecretBytes, runsPerCode, sidBytes } from '@baton/shared/limits'
import { pureSha256 } from '@baton/shared/primitives'
import type { PairingConfig } from '@baton/shared/protocol/pairing-effects'
import { createEventQueue } from '../event-queue.ts'
import type { InviteOptions, JoinOptions } from '../mesh-api.ts'
import type { Slot } from '../ports/rendezvous.ts'
import { type Failure, failureOf } from './failure.ts'
import { createPairKeeper } from './keeper.ts'
import type { PairHooks, Pairing, PairPorts, PairRun, PairRunEvent } from './ports.ts'
import { type PairSlot, runPairSlot } from './slot.ts'

export function createPairing(ports: PairPorts, hooks: PairHooks): Pairing {
  const { rendezvous, keyring, random, clock } = ports
  const keeper = createPairKeeper(ports, hooks)
  const budget = createBudget(() => clock.monotonic())
  /** Runs that have not ended, by how to end them when the device goes down. */
  const running = new Set<() => void>()

  async function identityOf(
    inviter: boolean,
    confirm: boolean,
    guest = false,
  ): Promise<PairingConfig['identity']> {
    const { name, platform, roster } = await hooks.identity(inviter && !guest)
    const { device, exchange } = keyring
    return {
      device,
      exchange,
      name,
      platform,
      roster: roster.id,
      populated: roster.populated,
      confirm,
      guest,
    }
  }

  /** One run's frame: its events, who may still act on it, and how it ends. */
  function start(work: (frame: Frame) => Promise<void>): PairRun {
    const queue = createEventQueue<PairRunEvent>()
    const slots = new Set<PairSlot>()
    let over = false

    const end = (event: PairRunEvent) => {
      if (over) return
      over = true
      running.delete(stop)
      queue.push(event)
      queue.end()
    }
    const frame: Frame = {
      slots,
      rivals: new Set(),
      over: () => over,
      emit: (event) => queue.push(event),
      paired: end,
      failed: (failure) => end({ at: 'failed', ...failure }),
    }
    const stop = () => {
      for (const slot of slots) slot.cancel()
      for (const slot of slots) slot.stop()
      frame.failed({ code: 'cancelled', message: 'failed to pair: this device is going down' })
    }
    const run: PairRun = {
      events: queue.events,
      answer: (match) => {
        for (const slot of slots) slot.answer(match)
      },
      cancel: () => {
        for (const slot of slots) slot.cancel()
        if (slots.size === 0) frame.failed({ code: 'pairing-cancelled', message: 'cancelled' })
      },
    }
    running.add(stop)
    work(frame).catch((error: unknown) => frame.failed(failureOf(error)))
    return run
  }

  function invite(options: InviteOptions): PairRun {
    return start(async (frame) => {
      const identity = await identityOf(true, options.confirm, options.guest)
      const secret = random.bytes(qrSecretBytes)
      const { words = true, qr } = options
      const opened = await openAll(words && qr ? 2 : 1)
      const [wordSlot, qrSlot] = opened
      if (!words) return offerLink(frame, opened, secret, identity)
      if (!wordSlot || frame.over()) {
        for (const slot of opened) void slot.close()
        return
      }
      const code = makeCode(wordSlot.nameplate, random.bytes(codeRandomBytes))
      frame.emit({
        at: 'code',
        code: code.text,
        qr: qrSlot && linkTo(rendezvous.server, qrSlot.nameplate, secret),
        expiresAt: clock.now() + codeLifeMs,
      })
      frame.emit({ at: 'waiting' })
      offer(frame, wordSlot, configOf(wordSlot, 'words', code.prs, identity))
      if (qrSlot) offer(frame, qrSlot, configOf(qrSlot, 'qr', secret, identity))
    })
  }

  function offerLink(
    frame: Frame,
    slots: readonly Slot[],
    secret: Uint8Array,
    identity: PairingConfig['identity'],
  ): void {
    const [slot] = slots
    if (!slot || frame.over()) return void slot?.close()
    const code = linkTo(rendezvous.server, slot.nameplate, secret)
    frame.emit({ at: 'code', code, qr: code, expiresAt: clock.now() + codeLifeMs })
    frame.emit({ at: 'waiting' })
    offer(frame, slot, configOf(slot, 'qr', secret, identity))
  }

  async function openAll(count: number): Promise<Slot[]> {
    // All drawn first: a draw that throws leaves no slot open.
    const sids = Array.from({ length: count }, () => random.bytes(sidBytes))
    const results = await Promise.allSettled(sids.map((sid) => rendezvous.open(sid)))
    const opened = results.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []))
    const refused = results.find((each) => each.status === 'rejected')
    if (!refused) return opened
    for (const slot of opened) void slot.close()
    throw refused.reason
  }

  /** Words and QR stand side by side; the first that is proven, or fails, decides for both. */
  function offer(frame: Frame, slot: Slot, config: PairingConfig): void {
    let own: PairSlot | undefined
    let dropped = false
    const drop = () => {
      dropped = true
      own?.cancel()
    }
    const dropOthers = () => {
      frame.rivals.delete(drop)
      for (const other of frame.rivals) other()
      frame.rivals.clear()
    }
    frame.rivals.add(drop)
    own = runPairSlot({
      ports,
      keeping: keeper.run(),
      role: 'inviter',
      slot,
      config,
      emit(event) {
        if (dropped) return
        if (event.at === 'proving') dropOthers()
        frame.emit(event)
      },
      failed(failure) {
        if (dropped) return
        dropOthers()
        frame.failed(failure)
      },
      paired: frame.paired,
    })
    frame.slots.add(own)
  }

  function join(text: string, options: JoinOptions): PairRun {
    const code = parseCode(text)
    if (code.method === 'qr' && !isSameService(code.server, rendezvous.server)) {
      throw new BatonError('signaling-refused', 'failed to join: the code is for another service', {
        hint: 'set this device to the same signaling service as the other one',
      })
    }
    budget.check(code)
    return start(async (frame) => {
      const identity = await identityOf(false, options.confirm, options.guest)
      const slot = await rendezvous.claim(code.nameplate)
      if (frame.over()) return slot.close()
      budget.spend(code)
      frame.slots.add(
        runPairSlot({
          ports,
          keeping: keeper.run(),
          role: 'joiner',
          slot,
          config: configOf(slot, code.method, code.prs, identity),
          emit: frame.emit,
          failed: frame.failed,
          paired: frame.paired,
        }),
      )
    })
  }

  return {
    invite,
    join,
    resume: keeper.resume,
    async close() {
      for (const stop of running) stop()
      keeper.close()
    },
  }
}

const linkTo = (server: string, nameplate: string, prs: Uint8Array): string =>
  makeLink({ nameplate, prs, server })

/** Two spellings of one URL, compared in the one form that a link gives it. */
function isSameService(linked: string, own: string): boolean {
  try {
    return parseLink(linkTo(own, '1', new Uint8Array(qrSecretBytes))).server === linked
  } catch {
    // What lands here: a service of our own that no link can name.
    return false
  }
}

interface Frame {
  readonly slots: Set<PairSlot>
  /** Ends each offer that the first proven one leaves behind. */
  readonly rivals: Set<() => void>
  over(): boolean
  emit(event: PairRunEvent): void
  paired(event: PairRunEvent): void
  failed(failure: Failure): void
}

function configOf(
  slot: Slot,
  method: PairingMethod,
  prs: Uint8Array,
  identity: PairingConfig['identity'],
): PairingConfig {
  return { prs, ci: channelIdentifier(method, slot.nameplate), sid: slot.sid, identity }
}

/**
 * How often this process ran one code: against a hostile service each run is a guess for it, so a
 * person may try a code once more, and then needs a new one (P7). Digests only, for ten minutes.
 */
function createBudget(now: () => number) {
  const runs = new Map<string, { count: number; readonly until: number }>()
  const keyOf = (code: PairingCode) =>
    toHex(pureSha256(channelIdentifier(code.method, code.nameplate), code.prs))

  return {
    check(code: PairingCode): void {
      for (const [key, { until }] of runs) if (until <= now()) runs.delete(key)
      if ((runs.get(keyOf(code))?.count ?? 0) < runsPerCode) return
      throw new BatonError('code-dead', 'failed to join: this code was tried twice', {
        hint: 'ask for a new code on the other device',
      })
    },
    spend(code: PairingCode): void {
      const spent = runs.get(keyOf(code))
      if (spent) spent.count += 1
      else runs.set(keyOf(code), { count: 1, until: now() + codeLifeMs })
    },
  }
}
