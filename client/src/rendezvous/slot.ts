/**
 * A slot as its inviter or its joiner holds it (rules RZ1 to RZ5, RZ12): events in order and once,
 * sends one after the other, numbered so that a repeat is dropped by the service.
 */
import { toBase64url } from '@baton/shared/bytes'
import { maxQueueMessages, slotGraceMs } from '@baton/shared/limits'
import type { RendezvousEvent } from '@baton/shared/protocol/rendezvous'
import type { Slot, SlotEvent } from '../core/ports/rendezvous.ts'
import { decodeBlob, tooLarge } from './blob.ts'
import type { Calls } from './calls.ts'
import { failure, refused, specialOf } from './failure.ts'
import type { Retry } from './retry.ts'
import { readStream, type StreamOptions } from './stream.ts'

export interface SlotOptions {
  readonly calls: Calls
  readonly retry: Retry
  readonly stream: Omit<StreamOptions, 'giveUpMs'>
  readonly nameplate: string
  readonly sid: Uint8Array
  readonly token: string
  /** The joiner's number, or undefined for the inviter, who learns it by `claimed`. */
  readonly turn: number | undefined
  /** Ends the reading, and is told of the end. */
  stop(): void
}

export function createSlot(options: SlotOptions): Slot {
  const { calls, retry, token } = options
  const isInviter = options.turn === undefined
  const kept: RendezvousEvent[] = []
  let handler: ((event: SlotEvent) => void) | undefined
  let turn = options.turn ?? 0
  let n = 0
  let over = false
  let sends: Promise<unknown> = Promise.resolve()

  function hand(event: RendezvousEvent): void {
    if (event.kind === 'claimed') turn = event.turn
    const shown = show(event)
    if (shown) handler?.(shown)
  }

  function take(event: RendezvousEvent): void {
    if (over) return
    if (event.kind === 'ended') {
      over = true
      options.stop()
    }
    if (handler) hand(event)
    else if (kept.length < maxKept) kept.push(event)
  }

  void readStream(token, { ...options.stream, giveUpMs: 2 * slotGraceMs }, take).then((end) => {
    if (end !== 'stopped') take({ kind: 'ended', reason: 'lost', seq: 0 })
  })

  return {
    nameplate: options.nameplate,
    sid: options.sid,
    send(blob) {
      const refusal = over ? failure('send', refused('gone'), specialOf.send) : tooLarge(blob)
      if (refusal) return Promise.reject(refusal)
      const message = { token, turn, n: ++n, blob: toBase64url(blob) }
      const sent = sends.then(async () => {
        const outcome = await retry(() => calls.call('send', message))
        if (outcome.at !== 'answered') throw failure('send', outcome, specialOf.send)
      })
      sends = sent.catch(() => {})
      return sent
    },
    onEvent(newHandler) {
      handler = newHandler
      for (const event of kept.splice(0)) hand(event)
    },
    async release() {
      if (!isInviter || over) return
      const outcome = await retry(() => calls.call('release', { token, turn }))
      if (outcome.at !== 'answered') throw failure('release the code', outcome, specialOf.send)
    },
    async close() {
      handler = () => {}
      kept.length = 0
      if (over) return
      over = true
      options.stop()
      await calls.call('close', { token }, closeMs)
    },
  }
}

const closeMs = 2_000
/** More than an honest service can have for a slot. */
const maxKept = 4 * maxQueueMessages

/** Undefined for a blob that is not base64url: the same as one that never came. */
function show(event: RendezvousEvent): SlotEvent | undefined {
  switch (event.kind) {
    case 'message': {
      const blob = decodeBlob(event.blob)
      return blob && { kind: 'message', blob }
    }
    case 'ended':
      return { kind: 'ended', reason: event.reason }
    default:
      return { kind: event.kind }
  }
}
