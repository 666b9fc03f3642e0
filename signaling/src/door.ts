/**
 * Who calls, and under which name (rules SV14, SV15). The address, an IPv4 one or an IPv6 /56, is
 * only ever a key of limits; X-Forwarded-For counts from configured proxies alone. The Host must
 * name this service: a rebound DNS name is turned away, and a listener's proof names the very
 * service it was made for. A browser's page must be of a listed origin, or of this service's own.
 */
import type { IncomingMessage } from 'node:http'
import { BlockList, isIP, isIPv6 } from 'node:net'
import { BatonError } from '@baton/shared/errors'

export interface DoorOptions {
  /** Hosts (`signal.example`, `10.0.0.4:7370`) beside the address a connection came in on; `*` all. */
  readonly names: readonly string[]
  /** Origins of web pages and extensions that may call; `*` all. */
  readonly origins: readonly string[]
  /** Addresses or networks (`10.0.0.0/8`) of reverse proxies whose X-Forwarded-For counts. */
  readonly proxies: readonly string[]
  /**
   * Whether the certificate of this service names that host, as it is at the time: of connections by TLS
   * any name in it is a name of the service, since nobody else has its key.
   */
  readonly covers?: (hostname: string) => boolean
}

export interface Caller {
  readonly address: string
  /** The Host it used. */
  readonly server: string
  /** Of this machine, as far as is known: what comes by another name may have come through a tunnel. */
  readonly loopback: boolean
}

export type Door = (request: IncomingMessage) => Caller | undefined

export function createDoor(options: DoorOptions): Door {
  const names = new Set(options.names.map((name) => name.toLowerCase()))
  const origins = new Set(options.origins)
  const proxies = blockList(options.proxies)
  const isProxy = (ip: string) => proxies.check(ip, isIPv6(ip) ? 'ipv6' : 'ipv4')

  function addressOf(request: IncomingMessage): string {
    let ip = plain(request.socket.remoteAddress ?? '')
    const hops = String(request.headers['x-forwarded-for'] ?? '').split(',')
    while (isIP(ip) && isProxy(ip)) {
      const hop = plain(hops.pop()?.trim() ?? '')
      if (!isIP(hop)) break
      ip = hop
    }
    return ip
  }

  function certified(request: IncomingMessage, host: string): boolean {
    const [, hostname = '', port = '443'] = hostAndPort.exec(host) ?? []
    if (!options.covers || !isSecure(request) || hostname === '') return false
    return Number(port) === request.socket.localPort && options.covers(hostname)
  }

  return (request) => {
    const host = request.headers.host?.toLowerCase() ?? ''
    const named =
      names.has(host) ||
      names.has('*') ||
      localNames(request).includes(host) ||
      certified(request, host)
    if (!named || host.length > 255) return undefined
    const { origin } = request.headers
    const own = origin === `http://${host}` || origin === `https://${host}`
    if (origin !== undefined && !own && !origins.has(origin) && !origins.has('*')) return undefined
    const ip = addressOf(request)
    return { address: block(ip), server: host, loopback: isLoopback(ip) && !names.has(host) }
  }
}

/** An IPv6 address without its brackets. */
const hostAndPort = /^\[?((?<=\[)[0-9a-f:.]+(?=\])|[\w.-]+)\]?(?::(\d{1,5}))?$/

/** The Hosts that mean the address and port this connection came in on. */
function localNames(request: IncomingMessage): string[] {
  const { localAddress = '', localPort = 0 } = request.socket
  const ip = plain(localAddress)
  const hosts = [isIPv6(ip) ? `[${ip}]` : ip, ...(isLoopback(ip) ? ['localhost'] : [])]
  return hosts.flatMap((host) =>
    localPort === (isSecure(request) ? 443 : 80)
      ? [host, `${host}:${localPort}`]
      : [`${host}:${localPort}`],
  )
}

/** The connection came in by TLS, which ends here. */
export const isSecure = (request: IncomingMessage): boolean =>
  (request.socket as { readonly encrypted?: boolean }).encrypted === true

/** Without a zone, and an IPv4 address in IPv6 clothes as itself. */
const plain = (ip: string): string => ip.replace(/%.*$/, '').replace(/^::ffff:(?=\d+\.)/i, '')

const isLoopback = (ip: string): boolean => ip === '::1' || ip.startsWith('127.')

/** The first 56 bits of an IPv6 address: what one customer of a provider usually has. */
export function block(ip: string): string {
  if (!isIPv6(ip)) return ip
  const [head = '', tail] = ip.replace(/\d+\.\d+\.\d+\.\d+$/, '0:0').split('::')
  const left = head === '' ? [] : head.split(':')
  const right = tail === undefined || tail === '' ? [] : tail.split(':')
  const gap = tail === undefined ? [] : Array<string>(8 - left.length - right.length).fill('0')
  const groups = [...left, ...gap, ...right].map((group) => Number.parseInt(group, 16))
  const [a = 0, b = 0, c = 0, d = 0] = groups
  return [a, b, c, d & 0xff00].map((group) => group.toString(16)).join(':')
}

function blockList(networks: readonly string[]): BlockList {
  const list = new BlockList()
  for (const network of networks) {
    const [ip = '', length] = network.split('/')
    const family = isIPv6(ip) ? 'ipv6' : 'ipv4'
    const bits = length === undefined ? (family === 'ipv6' ? 128 : 32) : Number(length)
    try {
      list.addSubnet(ip, bits, family)
    } catch (cause) {
      throw new BatonError('invalid', `failed to read the proxy network ${network}`, { cause })
    }
  }
  return list
}
