/**
 * What one peer acknowledged as durable, per log (rule XC4): kept in the store, so that a reconnect
 * pushes only what is new. It is a belief: a peer that lost data says so, and is believed instead.
 */
import { u64 } from '@baton/shared/bytes'
import { type DeviceId, idBytes, type LogId, logId, type SessionId } from '@baton/shared/ids'
import type { Store } from '../ports/store.ts'
import { ackKey, under } from '../repo/keys.ts'
import type { Repository } from '../repo/repository.ts'

export interface Acks {
  get(log: LogId): number
  set(log: LogId, seq: number): void
  /** Resolves when the disk took, or refused, what was set so far. */
  written(): Promise<void>
}

/**
 * True when a peer has all of a session on its disk that this device can give it (rule SD13): what waits
 * here for a blob, of a device that went away in the middle, nobody can acknowledge.
 */
export const hasAllOf = (
  acks: Pick<Acks, 'get'>,
  repository: Pick<Repository, 'ends' | 'durable'>,
  session: SessionId,
): boolean =>
  repository
    .ends(session)
    .every(({ log, seq }) => acks.get(log) >= Math.min(seq, repository.durable(log)))

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
