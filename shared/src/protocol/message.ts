/**
 * What the first element of every message on a channel may be. A message is a msgpack array; its
 * type is a small integer, so one byte behind the array header. Rules: BD. What a type carries
 * stands with the protocol that owns it.
 */
import type { Bytes } from '../bytes.ts'

/** 1 to 9: bind. 10 to 15: free. 16 to 63: sync (protocol/sync). */
export const messageTypes = {
  bindHello: 1,
  bindProof: 2,
  bindRefuse: 3,
} as const

export const lastBindType = 9
export const firstSyncType = 16
export const lastSyncType = 63

/** The type of a message by its first bytes alone; undefined when it is no such array. */
export function peekType(message: Bytes): number | undefined {
  const [first = 0, second, , fourth] = message
  const type = first >= 0x91 && first <= 0x9f ? second : first === 0xdc ? fourth : undefined
  return type !== undefined && type <= 0x7f ? type : undefined
}
