/** IV11: what goes between a host and its guest, as either side judges it by itself. */
import type { Devices } from '@baton/client/core/devices'
import type { Guest } from '@baton/client/core/pairing/tasks'
import type { Sharing } from '@baton/client/core/sessions/sharing'
import { createWhoMay } from '@baton/client/core/who-may'
import { type DeviceId, type SessionId, sessionId } from '@baton/shared/ids'
import { expect, it } from 'vitest'
import { signer } from '../../support/signer.ts'

const [self, guest, named, stranger] = [1, 2, 3, 4].map((seed) => signer(seed).device) as [
  DeviceId,
  DeviceId,
  DeviceId,
  DeviceId,
]
const [invited, other] = [5, 6].map((byte) => sessionId(new Uint8Array(16).fill(byte))) as [
  SessionId,
  SessionId,
]

/** Both sessions are this device's and granted to all three; `only`: what an invitation named. */
function judge(
  visits: boolean,
  only: Set<SessionId> | undefined,
  authors = new Map([[other, self]]),
) {
  const guests = new Map<DeviceId, Guest>([
    [guest, { name: 'guest', platform: 'test', visits, only }],
  ])
  const never = () => false
  const devices = {
    ...{ isMember: never, isRemoved: never, isRecoveryKey: never, hasRoster: never },
    session: () => undefined,
  } as unknown as Devices
  const sharing = {
    author: (session: SessionId) => authors.get(session) ?? self,
    members: () => new Set([self, guest, named]),
    sharedWith: () => [invited, other],
    isShared: () => true,
    accepts: () => true,
  } as unknown as Sharing
  return createWhoMay({ self, devices, sharing, paired: new Map(), guests })
}

it('IV11 only the session of the invitation is given or taken, on whichever side', () => {
  for (const visits of [true, false]) {
    const may = judge(visits, new Set([invited]))
    expect(may.shared(guest)).toEqual([invited])
    expect([invited, other].map((each) => may.shares(guest, each))).toEqual([true, false])
    expect([invited, other].map((each) => may.accepts(guest, each, guest))).toEqual([true, false])
    expect(may.isOutside(guest, other)).toBe(true)
    expect(may.isGuest(guest)).toBe(true)
  }
})

it('IV11 one that is there without an invitation brings no session of its own', () => {
  const may = judge(true, undefined, new Map([[other, guest]]))
  expect([invited, other].map((each) => may.accepts(guest, each, guest))).toEqual([true, false])
  expect(may.shares(guest, other)).toBe(true)
  expect(may.mayDeliver(guest)).toBe(false)
})

it('IV11 whom the author of a session names is known in it, and nobody else', () => {
  const may = judge(false, new Set([invited]))
  expect([guest, named, stranger].map((each) => may.knows(each, invited))).toEqual([
    ...[true, true, false],
  ])
  const foreign = judge(false, new Set([invited]), new Map([[invited, stranger]]))
  expect(foreign.knows(named, invited)).toBe(false)
})
