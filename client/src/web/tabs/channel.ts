/**
 * How pages of one origin reach each other (rules WB29, WB33): the browser's broadcast; where it has
 * none, the events of its storage, which would leave what they carry readable on the disk, so that it is
 * sealed by a key of the device, and taken away at once.
 */
import { fromBase64url, toBase64url, utf8Decode, utf8Encode } from '@baton/shared/bytes'
import type { TabChannel } from '../../core/tabs/ports.ts'
import type { Sealing } from '../sealing.ts'

const name = 'baton'
/** What a browser's storage takes at least is 5 million; the units are those that become so much at most. */
const maxStoredChars = 4_000_000
const maxStoredUnits = 256 * 1024

export const hasBroadcast = (): boolean => typeof BroadcastChannel === 'function'

/** `sealing`: asked for only where there is no broadcast. */
export function openChannel(sealing: () => Promise<Sealing>): TabChannel {
  return hasBroadcast() ? byBroadcast() : byStorage(sealing())
}

function byBroadcast(): TabChannel {
  const channel = new BroadcastChannel(name)
  return {
    maxUnits: Number.POSITIVE_INFINITY,
    post: (message) => channel.postMessage(message),
    hear(handler) {
      channel.onmessage = ({ data }) => handler(data)
    },
  }
}

const place = utf8Encode(name)

function byStorage(sealing: Promise<Sealing>): TabChannel {
  // One after the other: sealing must not change their order.
  let last: Promise<void> = Promise.resolve()
  const inTurn = (run: (by: Sealing) => Promise<void>) => {
    last = last.then(async () => run(await sealing)).catch(() => {})
  }
  return {
    maxUnits: maxStoredUnits,
    post: (message) =>
      inTurn(async (by) => {
        const text = toBase64url(await by.seal(place, utf8Encode(textOf(message))))
        if (text.length > maxStoredChars) return
        localStorage.setItem(name, text)
        localStorage.removeItem(name)
      }),
    hear: (handler) =>
      addEventListener('storage', ({ key, newValue, storageArea }) => {
        if (key !== name || newValue === null || storageArea !== localStorage) return
        if (newValue.length > maxStoredChars) return
        inTurn(async (by) => {
          const bytes = await by.open(place, fromBase64url(newValue))
          handler(JSON.parse(utf8Decode(bytes), revive))
        })
      }),
  }
}

/** Bytes as `{$bytes}`: JSON would make a map of numbers of them. */
const textOf = (message: object): string =>
  JSON.stringify(message, (_name, value: unknown) =>
    value instanceof Uint8Array ? { $bytes: toBase64url(value) } : value,
  )

function revive(_name: string, value: unknown): unknown {
  const { $bytes } = (value ?? {}) as { readonly $bytes?: unknown }
  return typeof $bytes === 'string' ? fromBase64url($bytes) : value
}
