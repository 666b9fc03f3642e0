/** RT10: what a person is told when no path was found. */
import type { IceServer, IceSettings } from '@baton/client/core/ports/channel'
import { noPath } from '@baton/client/rtc/diagnose'
import type { CandidateType } from '@baton/shared/protocol/sdp'
import { expect, it } from 'vitest'

type Counts = Partial<Record<CandidateType, number>>
const stun: IceServer = { urls: 'stun:stun.example.org' }
const turn: IceServer = { urls: ['turns:turn.example.org'], username: 'u', credential: 's3cret' }

function error(
  policy: IceSettings['policy'],
  servers: IceServer[],
  local: Counts,
  remote: Counts = { host: 2 },
  codes: number[] = [],
) {
  const map = (counts: Counts) => new Map(Object.entries(counts) as [CandidateType, number][])
  return noPath('no path within 18 s', {
    ice: { policy, servers },
    local: map(local),
    remote: map(remote),
    serverErrors: new Set(codes),
  })
}

it('RT10 it counts by kind, and names servers only as configured or not', () => {
  const found = error('auto', [stun, turn], { host: 2, srflx: 1 }, {})
  expect(found.code).toBe('no-path')
  expect(found.message).toBe(
    'failed to connect: no path within 18 s (here 2 host + 1 srflx, there no candidate, ' +
      'policy auto, STUN configured, TURN configured)',
  )
  expect(`${found.message} ${found.hint}`).not.toMatch(/example|s3cret/)
})

it.each([
  ['relay without TURN', error('relay', [stun], {}), /needs a TURN server/],
  ['refused credentials', error('auto', [turn], { host: 1 }, {}, [401]), /credential/],
  ['a TURN server that is not there', error('relay', [turn], {}), /check its URL/],
  ['no interface', error('auto', [], {}), /this device has no network address/],
  ['a silent peer', error('auto', [], { host: 1 }, {}), /the other device named no address/],
  ['policy direct', error('direct', [stun], { host: 1 }), /choose auto/],
  ['no servers at all', error('auto', [], { host: 1 }), /add a STUN server/],
  ['UDP blocked', error('auto', [stun], { host: 1 }), /UDP may be blocked/],
  ['two symmetric networks', error('auto', [stun], { host: 1, srflx: 1 }), /hide their ports/],
  ['TURN without use', error('auto', [stun, turn], { host: 1 }), /no TURN server gave/],
])('RT10 %s is told with what to do', (_name, found, hint) => {
  expect(found.hint).toMatch(hint)
})
