/** The address other machines of the same network most likely reach this one by. */
import { networkInterfaces } from 'node:os'

type Interfaces = ReturnType<typeof networkInterfaces>

/** Bridges and tunnels of containers, virtual machines and VPNs. */
const virtual = /^(docker|br-|veth|virbr|vmnet|vboxnet|vEthernet|utun|tun|tap|wg|tailscale|zt)/i

/** Private IPv4 first, on a real network card; undefined without any network. */
export function lanAddress(interfaces: Interfaces = networkInterfaces()): string | undefined {
  const found = Object.entries(interfaces).flatMap(([name, addresses]) =>
    (addresses ?? [])
      .filter(({ family, internal, address }) => {
        return family === 'IPv4' && !internal && !address.startsWith('169.254.')
      })
      .map(({ address }) => ({ address, rank: rankOf(name, address) })),
  )
  return found.toSorted((a, b) => a.rank - b.rank)[0]?.address
}

function rankOf(name: string, address: string): number {
  const isPrivate = /^(192\.168\.|10\.|172\.(1[6-9]|2\d|3[01])\.)/.test(address)
  return (virtual.test(name) ? 2 : 0) + (isPrivate ? 0 : 1)
}
