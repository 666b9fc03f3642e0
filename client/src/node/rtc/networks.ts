/**
 * Notices that the addresses of this machine changed: Node has no event for it, so they are looked
 * at every 2 s. Rule RT19. Links of its own, like those of containers, count too: a restart too many
 * costs a few packets.
 */
import { networkInterfaces } from 'node:os'
import type { Clock } from '../../core/ports/platform.ts'

const lookEveryMs = 2_000

/** Calls `changed` after a change; returns how to stop. `addresses` is for tests. */
export function watchNetworks(
  clock: Clock,
  changed: () => void,
  addresses: () => string = readAddresses,
): () => void {
  let known = addresses()
  let cancel = clock.after(lookEveryMs, look)
  function look(): void {
    const now = addresses()
    cancel = clock.after(lookEveryMs, look)
    if (now === known) return
    known = now
    changed()
  }
  return () => cancel()
}

/** Never kept beyond the comparison, and never told. */
function readAddresses(): string {
  return Object.entries(networkInterfaces())
    .flatMap(([name, list]) => (list ?? []).map(({ address }) => `${name} ${address}`))
    .sort()
    .join()
}
