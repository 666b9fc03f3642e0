/**
 * What one peer acknowledged as durable, per log (rule XC4): kept in the store, so that a reconnect
 * pushes only what is new. It is a belief: a peer that lost data says so, and is believed instead.
 */
import { u64 } from '@baton/shared/bytes'
import { type DeviceId, idBytes, type LogId, logId } from '@baton/shared/ids'
import type { Store } from '../ports/store.ts'
import { ackKey, under } from '../repo/keys.ts'

export interface Acks {
  get(log: LogId): number
  set(log: LogId, seq: number): void
  /** Resolves when the disk took, or refused, what was set so far. */
  written(): Promise<void>
}

export async function openAcks(store: Store, device: DeviceId): Promise<Acks> {
  const known = new Map<LogId, number>()
  for await (const [key, row] of store.list(under('a', idBytes(device)))) {
    const view = new DataView(row.buffer, row.byteOffset, row.length)
    known.set(logId(key.slice(33)), Number(view.getBigUint64(0)))
  }
  let last: Promise<void> = Promise.resolve()
  return {
    get: (log) => known.get(log) ?? 0,
    set(log, seq) {
      if (known.get(log) === seq) return
      known.set(log, seq)
      // It may fail: a belief that is lost is learned again, and a full disk is met by what matters.
      last = store.write([{ put: ackKey(device, log), value: u64(seq) }]).catch(() => undefined)
    },
    written: () => last,
  }
}
