/**
 * IP address literals: text to bytes, and which of them a peer may name as its own. Rule RT2. It
 * knows no socket and resolves nothing.
 */
import type { Bytes } from '../bytes.ts'

/** The 4 or 16 bytes of an address literal without zone or brackets; undefined for anything else. */
export function parseIp(text: string): Bytes | undefined {
  return text.includes(':') ? parseIpv6(text) : parseIpv4(text)
}

/**
 * False for addresses that name no single host: 0.0.0.0/8, IPv4 multicast and reserved (224.0.0.0
 * up), the unspecified IPv6 address and ff00::/8, and an IPv4-mapped form of any of these.
 */
export function isUnicast(address: Bytes): boolean {
  if (address.length === 4) {
    const first = address[0] as number
    return first !== 0 && first < 224
  }
  if (address[0] === 0xff) return false
  const leading = address.findIndex((byte) => byte !== 0)
  if (leading < 0) return false
  const mapped = leading === 10 && address[10] === 0xff && address[11] === 0xff
  return mapped ? isUnicast(address.subarray(12)) : leading < 12 || address[15] === 1
}

function parseIpv4(text: string): Bytes | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text)
  if (!match) return undefined
  const parts = match.slice(1)
  if (parts.some((part) => Number(part) > 255 || (part.length > 1 && part.startsWith('0')))) {
    return undefined
  }
  return Uint8Array.from(parts, Number)
}

function parseIpv6(text: string): Bytes | undefined {
  if (text.length > 45) return undefined
  const halves = text.split('::')
  if (halves.length > 2) return undefined
  const head = groups(halves[0] ?? '')
  const tail = halves.length === 2 ? groups(halves[1] ?? '') : []
  if (!head || !tail) return undefined
  const missing = 16 - head.length - tail.length
  if (halves.length === 2 ? missing < 2 : missing !== 0) return undefined
  return Uint8Array.from([...head, ...new Array<number>(missing).fill(0), ...tail])
}

/** Bytes of colon-separated groups; the last one may be a dotted IPv4 address (RFC 4291 2.2.3). */
function groups(text: string): number[] | undefined {
  if (text === '') return []
  const out: number[] = []
  const parts = text.split(':')
  for (const [index, part] of parts.entries()) {
    if (/^[0-9a-f]{1,4}$/i.test(part)) {
      const value = Number.parseInt(part, 16)
      out.push(value >> 8, value & 0xff)
      continue
    }
    const dotted = index === parts.length - 1 ? parseIpv4(part) : undefined
    if (!dotted) return undefined
    out.push(...dotted)
  }
  return out
}
