/**
 * Slots: where one pairing meets (rules SV1 to SV4). A slot is a nameplate, an inviter and one
 * joiner at a time; it relays opaque blobs between the two. It does not know what they say, who
 * they are, or the words of the code: the nameplate is all of the code it ever sees.
 */
import { randomInt } from 'node:crypto'
import { maxQueueBytes, maxQueueMessages, slotClaims } from '@baton/shared/limits'
import type { Answer, Refusal, Request } from '@baton/shared/protocol/rendezvous'
import type { ServiceLimits } from './limits.ts'
import { blobBytes, createQueue, type Held } from './queue.ts'
import type { Side, Sides } from './sides.ts'

export type Outcome<T> = T | { readonly error: Refusal }

/** Nameplates for each live slot, so that a guess at one hits less than once in a hundred. */
const spaceForEach = 100
/** Times both sides are told that someone else tried the nameplate. */
const crowdsTold = 20

interface End {
  readonly side: Side
  /** Number of its last message, to know a repeat. */
  last: number
  // in this turn
  sent: number
  bytes: number
}

interface Slot {
  readonly nameplate: string
  readonly sid: string
  readonly born: number
  readonly inviter: End
  joiner: End | undefined
  /** Counts joiners: what is meant for an earlier one reaches no later one. */
  turn: number
  crowds: number
}

type Ending = 'closed' | 'expired' | 'lost'

export interface Slots {
  open(request: Request<'open'>): Outcome<Answer<'open'>>
  claim(request: Request<'claim'>): Outcome<Answer<'claim'>>
  send(request: Request<'send'>): Outcome<Answer<'send'>>
  release(request: Request<'release'>): Outcome<Answer<'release'>>
  /** The inviter ends the slot, a joiner leaves it. False when the side is no slot's. */
  close(side: Side): boolean
  /** Ends what is too old or was left; to be called every second or so. */
  sweep(): void
  live(): number
}

export function createSlots(
  sides: Sides,
  held: Held,
  limits: ServiceLimits,
  now: () => number,
): Slots {
  const slots = new Map<string, Slot>()
  const bySide = new Map<Side, Slot>()
  /** Nameplates that lived lately, and until when they are not given out again. */
  const spent = new Map<string, number>()
  /** Sides of ended slots, and since when: their readers may still fetch the end. */
  const leaving = new Map<Side, number>()

  const newEnd = (): End => ({
    side: sides.add(createQueue(held, now)),
    last: 0,
    sent: 0,
    bytes: 0,
  })

  function freeNameplate(): string {
    let digits = 3
    while (9 * 10 ** (digits - 1) < spaceForEach * (slots.size + 1)) digits++
    for (let tries = 1; ; tries++) {
      const name = String(randomInt(10 ** (digits - 1), 10 ** digits))
      if (!slots.has(name) && !spent.has(name)) return name
      if (tries % 100 === 0) digits++
    }
  }

  function leave(end: End, reason: Ending): void {
    end.side.queue.append({ kind: 'ended', reason })
    bySide.delete(end.side)
    leaving.set(end.side, now())
  }

  function forget(side: Side): void {
    leaving.delete(side)
    sides.remove(side)
    side.queue.clear()
  }

  function endSlot(slot: Slot, reason: Ending): void {
    slots.delete(slot.nameplate)
    spent.set(slot.nameplate, now() + limits.slotLifeMs)
    if (spent.size > limits.slots) {
      const [oldest] = spent.keys()
      spent.delete(oldest ?? '')
    }
    leave(slot.inviter, reason)
    if (slot.joiner) leave(slot.joiner, reason)
  }

  function vacate(slot: Slot, reason: Ending): void {
    if (!slot.joiner) return
    leave(slot.joiner, reason)
    slot.joiner = undefined
    slot.inviter.side.queue.append({ kind: 'released', turn: slot.turn })
  }

  function crowd(slot: Slot): void {
    if (slot.crowds === crowdsTold) return
    slot.crowds++
    slot.inviter.side.queue.append({ kind: 'crowded' })
    slot.joiner?.side.queue.append({ kind: 'crowded' })
  }

  /** The slot of a token; `gone` while its end is still there to be fetched. */
  function slotOf(token: string): Outcome<{ slot: Slot; end: End }> {
    const side = sides.find(token)
    const slot = side && bySide.get(side)
    if (!slot) return { error: side && leaving.has(side) ? 'gone' : 'unknown' }
    return { slot, end: slot.inviter.side === side ? slot.inviter : (slot.joiner as End) }
  }

  return {
    open({ sid }) {
      if (slots.size >= limits.slots) return { error: 'full' }
      const inviter = newEnd()
      const nameplate = freeNameplate()
      const none = { joiner: undefined, turn: 0, crowds: 0 }
      const slot: Slot = { nameplate, sid, born: now(), inviter, ...none }
      slots.set(nameplate, slot)
      bySide.set(inviter.side, slot)
      return { nameplate, token: inviter.side.token }
    },
    claim({ nameplate }) {
      const slot = slots.get(nameplate)
      if (!slot) return { error: spent.has(nameplate) ? 'gone' : 'unknown' }
      if (slot.joiner) {
        crowd(slot)
        return { error: 'busy' }
      }
      if (slot.turn === slotClaims) {
        endSlot(slot, 'expired')
        return { error: 'gone' }
      }
      slot.turn++
      slot.joiner = newEnd()
      bySide.set(slot.joiner.side, slot)
      slot.inviter.sent = 0
      slot.inviter.bytes = 0
      slot.inviter.side.queue.append({ kind: 'claimed', turn: slot.turn })
      return { token: slot.joiner.side.token, sid: slot.sid, turn: slot.turn }
    },
    send({ token, turn, n, blob }) {
      const found = slotOf(token)
      if ('error' in found) return found
      const { slot, end } = found
      const to = end === slot.inviter ? slot.joiner : slot.inviter
      if (n <= end.last || !to || turn !== slot.turn) return {}
      const bytes = blobBytes(blob)
      const over = end.sent === maxQueueMessages || end.bytes + bytes > maxQueueBytes
      const error = over ? 'quota' : to.side.queue.append({ kind: 'message', blob })
      if (error) return { error }
      end.last = n
      end.sent++
      end.bytes += bytes
      return {}
    },
    release({ token, turn }) {
      const found = slotOf(token)
      if ('error' in found) return found
      if (found.end === found.slot.inviter && turn === found.slot.turn) vacate(found.slot, 'closed')
      return {}
    },
    close(side) {
      const slot = bySide.get(side)
      if (slot?.inviter.side === side) endSlot(slot, 'closed')
      else if (slot) vacate(slot, 'closed')
      if (!leaving.has(side)) return false
      forget(side)
      return true
    },
    sweep() {
      const time = now()
      const left = ({ side }: End) =>
        side.idleSince !== undefined && time - side.idleSince > limits.slotGraceMs
      for (const slot of [...slots.values()]) {
        if (time - slot.born >= limits.slotLifeMs) endSlot(slot, 'expired')
        else if (left(slot.inviter)) endSlot(slot, 'lost')
        else if (slot.joiner && left(slot.joiner)) vacate(slot, 'lost')
      }
      for (const [nameplate, until] of spent) if (until <= time) spent.delete(nameplate)
      for (const [side, since] of leaving) if (time - since > limits.slotGraceMs) forget(side)
    },
    live: () => slots.size,
  }
}
