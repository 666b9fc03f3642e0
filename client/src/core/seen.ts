/**
 * When each device was last connected (rule LK2), kept over restarts. It is shown and decides nothing:
 * a moment that a disk refuses, or a crash loses, is an hour at most.
 */
import { u64 } from '@baton/shared/bytes'
import { type DeviceId, deviceId } from '@baton/shared/ids'
import type { Clock } from './ports/platform.ts'
import type { Store } from './ports/store.ts'
import { seenKey, under } from './repo/keys.ts'

export interface Seen {
  /** ms since 1970; undefined: never. */
  last(device: DeviceId): number | undefined
  /** It is connected from now until the returned function runs. */
  begin(device: DeviceId): () => void
  /** Nothing is kept of it any more. */
  forget(device: DeviceId): void
  close(): void
}

const everyMs = 3_600_000

export async function openSeen(store: Store, clock: Clock): Promise<Seen> {
  const known = new Map<DeviceId, number>()
  for await (const [key, row] of store.list(under('l'))) {
    const view = new DataView(row.buffer, row.byteOffset, row.length)
    if (row.length === 8) known.set(deviceId(key.slice(1)), Number(view.getBigUint64(0)))
  }
  /** How many links there are to each. */
  const linked = new Map<DeviceId, number>()
  let stop: (() => void) | undefined

  function note(devices: Iterable<DeviceId>): void {
    const now = clock.now()
    const puts = [...devices].map((device) => {
      known.set(device, now)
      return { put: seenKey(device), value: u64(now) }
    })
    if (puts.length > 0) store.write(puts).catch(() => undefined)
  }

  function arm(): void {
    stop = clock.after(everyMs, () => {
      note(linked.keys())
      arm()
    })
  }

  function disarm(): void {
    stop?.()
    stop = undefined
  }

  return {
    last: (device) => (linked.has(device) ? clock.now() : known.get(device)),
    begin(device) {
      linked.set(device, (linked.get(device) ?? 0) + 1)
      note([device])
      if (!stop) arm()
      let over = false
      return () => {
        if (over) return
        over = true
        const left = (linked.get(device) ?? 1) - 1
        if (left > 0) linked.set(device, left)
        else linked.delete(device)
        // It may be forgotten by now.
        if (known.has(device)) note([device])
        if (linked.size === 0) disarm()
      }
    },
    forget(device) {
      known.delete(device)
      store.write([{ delete: seenKey(device) }]).catch(() => undefined)
    },
    close: disarm,
  }
}
