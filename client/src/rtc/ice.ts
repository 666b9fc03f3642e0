/**
 * What the local settings allow ICE to do. Rule RT9: no server comes from anywhere else, and a
 * library's own list is never used. Pure.
 */
import type { IceServer, IceSettings } from '../core/ports/channel.ts'

/** For the peer connection; policy `direct` does not even ask a TURN server. */
export function configuration(ice: IceSettings): RTCConfiguration {
  const usable =
    ice.policy === 'direct' ? ice.servers.filter((each) => !speaks(each, 'turn')) : ice.servers
  return {
    iceTransportPolicy: ice.policy === 'relay' ? 'relay' : 'all',
    iceServers: usable.map(({ urls, username, credential }) => ({
      urls: [urls].flat(),
      ...(username !== undefined && { username }),
      ...(credential !== undefined && { credential }),
    })),
  }
}

export const hasServer = (ice: IceSettings, scheme: 'stun' | 'turn'): boolean =>
  ice.servers.some((server) => speaks(server, scheme))

/** Only relays are allowed and there is none: no attempt can ever succeed. */
export const isHopeless = (ice: IceSettings): boolean =>
  ice.policy === 'relay' && !hasServer(ice, 'turn')

const speaks = ({ urls }: IceServer, scheme: 'stun' | 'turn'): boolean =>
  [urls].flat().some((url) => url.startsWith(`${scheme}:`) || url.startsWith(`${scheme}s:`))
