/**
 * What to tell a person when two devices found no path. Rule RT10: what was tried, by count and
 * kind, and what to do; never an address. Pure.
 */

import { BatonError } from '@baton/shared/errors'
import type { CandidateType } from '@baton/shared/protocol/sdp'
import type { IceSettings } from '../core/ports/channel.ts'
import { hasServer, isHopeless } from './ice.ts'

export interface Attempt {
  readonly ice: IceSettings
  readonly local: ReadonlyMap<CandidateType, number>
  readonly remote: ReadonlyMap<CandidateType, number>
  /** Codes of `icecandidateerror` events: 401 is refused credentials, 701 an unreachable server. */
  readonly serverErrors: ReadonlySet<number>
}

export function noPath(why: string, attempt: Attempt): BatonError {
  const { ice, local, remote } = attempt
  const stun = hasServer(ice, 'stun')
  const turn = hasServer(ice, 'turn')
  const tried = [
    `here ${count(local)}`,
    `there ${count(remote)}`,
    `policy ${ice.policy}`,
    `STUN ${stun ? 'configured' : 'not configured'}`,
    `TURN ${turn ? 'configured' : 'not configured'}`,
  ]
  return new BatonError('no-path', `failed to connect: ${why} (${tried.join(', ')})`, {
    hint: advise(attempt, stun, turn),
  })
}

function advise({ ice, local, remote, serverErrors }: Attempt, stun: boolean, turn: boolean) {
  if (isHopeless(ice)) return 'policy relay needs a TURN server in the settings, or choose auto'
  if (serverErrors.has(401)) {
    return 'a TURN server refused its user name or credential: renew them in the settings'
  }
  if (ice.policy === 'relay' && !local.has('relay')) {
    return 'no TURN server gave an address: check its URL and that this network lets it through'
  }
  if (total(local) === 0) return 'this device has no network address: check its connection'
  if (total(remote) === 0) {
    return 'the other device named no address: check its connection and its policy'
  }
  if (ice.policy === 'direct') {
    return 'policy direct never relays: on different networks choose auto and add a TURN server'
  }
  if (!stun && !turn) {
    return (
      'on one network, check that a firewall or guest mode does not keep the devices apart; ' +
      'on different networks, add a STUN server to the settings of both'
    )
  }
  if (stun && !turn && !local.has('srflx')) {
    return 'no STUN server answered, so UDP may be blocked here: add a TURN server over TCP'
  }
  if (!turn) return 'both networks hide their ports: add a TURN server to the settings of one'
  return 'no TURN server gave a usable address: check its URL, credential and TCP variant'
}

const order: readonly CandidateType[] = ['host', 'srflx', 'prflx', 'relay']

function count(found: ReadonlyMap<CandidateType, number>): string {
  const parts = order.filter((type) => found.has(type)).map((type) => `${found.get(type)} ${type}`)
  return parts.join(' + ') || 'no candidate'
}

const total = (found: ReadonlyMap<CandidateType, number>): number =>
  [...found.values()].reduce((sum, each) => sum + each, 0)
