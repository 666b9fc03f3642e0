/**
 * Whether a session may be handed over, shared or taken at all (rules HF2, HF12): told before anybody is
 * asked, with the reason. What the other end finds out for itself it says in its own words.
 */
import type { DocumentState } from '@baton/shared/conflict/document'
import { holderOf } from '@baton/shared/conflict/leases'
import { BatonError } from '@baton/shared/errors'
import type { DeviceId, SessionId } from '@baton/shared/ids'
import { isHeld } from '@baton/shared/model/beginning'
import type { HandoffKind } from '@baton/shared/protocol/handoff'
import { cutOf } from '../repo/cuts.ts'
import type { Moving } from '../sessions/moving.ts'
import { isWatched } from './leases.ts'
import type { HandoffPorts } from './ports.ts'

type CheckPorts = Pick<HandoffPorts, 'self' | 'sharing' | 'cuts' | 'moving'>

/** Throws for what cannot be done with a session that stands in its agent's own files. */
function checkWatched({ moving }: CheckPorts, state: DocumentState, kind: HandoffKind): void {
  if (!isWatched(state)) return
  if (!moving) {
    throw new BatonError(
      'invalid',
      'failed to hand over: this session stands in the files of its agent',
      { hint: 'this device keeps no such files; another of yours that has them can' },
    )
  }
  if (kind !== 'mirror') return
  throw new BatonError(
    'invalid',
    'failed to share: its agent takes nothing but from its own terminal',
    {
      hint: '--observe lets the other device read along',
    },
  )
}

/** What moves a session in the files of its agent. Throws for one that is not, and where none are kept. */
export function watchedBy({ moving }: Pick<HandoffPorts, 'moving'>, session: SessionId): Moving {
  if (moving?.isWatched(session)) return moving
  throw new BatonError('invalid', 'failed to go on with it: no agent here reads such a session', {
    hint: 'a device with that agent can; what Baton drives goes on by its number',
  })
}

/** Throws unless what this device says of the session counts. */
function checkCounts({ self, cuts }: CheckPorts, state: DocumentState, what: string): void {
  const cut = cutOf(cuts.now(), state.session, self)
  if (!cut) return
  if (cut.reason === 'observer') {
    throw new BatonError('not-permitted', `failed to ${what}: this device is an observer`, {
      hint: 'an admin can make it a member again: baton role <device> member',
    })
  }
  throw new BatonError(
    'revoked',
    `failed to ${what}: this device was removed, nothing it says counts`,
  )
}

/** Throws unless this device may hand the session to `to`, a stranger if undefined, or let it in. */
export function checkMayHand(
  ports: CheckPorts,
  state: DocumentState,
  to: DeviceId | undefined,
  kind: HandoffKind,
): void {
  const { self, sharing, cuts } = ports
  const { session } = state
  checkWatched(ports, state, kind)
  checkCounts(ports, state, kind === 'transfer' ? 'hand over' : 'share')
  const there = to && cutOf(cuts.now(), session, to)
  if (there && kind !== 'observe') {
    throw there.reason === 'observer' ? observes() : removed()
  }
  if (kind === 'observe' && to && !there && to !== state.author && state.writers.has(to)) {
    throw new BatonError(
      'not-permitted',
      'failed to share: that device may write the session already',
      {
        hint: 'what was given is not taken back; baton role <device> observer lets it read alone, everywhere',
      },
    )
  }
  if (kind !== 'transfer') {
    sharing.checkGrant(session, to, kind === 'mirror' ? 'mirror' : 'copy')
    return
  }
  if (!isHeld(state.descriptor)) {
    throw new BatonError('invalid', 'failed to hand over: nobody holds this session', {
      hint: 'whoever may write it does; --mirror lets another device write',
    })
  }
  if (holderOf(state.holding) !== self) {
    throw new BatonError(
      'not-holder',
      'failed to hand over: this device does not hold the session',
      {
        hint: 'baton take brings it here first',
      },
    )
  }
  if (!to || !state.writers.has(to)) sharing.checkGrant(session, to, 'mirror')
}

/** Throws unless this device may take the session, or be let in further by who holds it. */
export function checkMayTake(
  ports: CheckPorts,
  state: DocumentState,
  kind: HandoffKind,
  force: boolean,
): void {
  const { self, cuts } = ports
  if (state.author === undefined) {
    throw new BatonError('not-found', 'failed to take: nothing of the session is here yet')
  }
  checkWatched(ports, state, kind)
  if (kind !== 'observe') checkCounts(ports, state, 'take')
  const holder = holderOf(state.holding)
  const there = holder && holder !== self ? cutOf(cuts.now(), state.session, holder) : undefined
  if (there?.reason === 'observer' && !force) {
    throw new BatonError(
      'not-permitted',
      'failed to take: the device that holds it is an observer now, and can hand over nothing',
      {
        hint: 'make it a member for that: baton role <device> member; or baton take --force takes it without it',
      },
    )
  }
  if (kind !== 'transfer') return
  if (!isHeld(state.descriptor)) {
    throw new BatonError(
      'invalid',
      'failed to take: whoever may write this session does, nobody holds it',
    )
  }
  // Who holds it may let this device write; without that one there is nobody to.
  if (force && !state.writers.has(self)) {
    throw new BatonError('not-permitted', 'failed to take: this device may only read the session', {
      hint: 'without --force the device that holds it is asked, and can let this one write',
    })
  }
}

const observes = () =>
  new BatonError(
    'not-permitted',
    'failed to hand over: that device is an observer, it only reads',
    {
      hint: 'an admin can make it a member: baton role <device> member; or let it read along: --observe',
    },
  )

const removed = () =>
  new BatonError('revoked', 'failed to hand over: that device was removed', {
    hint: 'baton devices lists those that there are',
  })
