/** Telling of something at most so often: at once, and what comes too soon after it together. */
import type { Clock } from './ports/platform.ts'

export interface Pacing<K> {
  (of: K): void
  /** Tells at once what waits. */
  end(of: K): void
  close(): void
}

export function createPacing<K>(clock: Clock, ms: number, tell: (of: K) => void): Pacing<K> {
  /** When each was told last, the one told longest ago first; `cancel`: more waits to be told. */
  const lately = new Map<K, { readonly at: number; cancel?: () => void }>()

  function told(of: K): void {
    const now = clock.monotonic()
    for (const [key, { at, cancel }] of lately) {
      if (at + ms > now) break
      if (!cancel) lately.delete(key)
    }
    lately.delete(of)
    lately.set(of, { at: now })
    tell(of)
  }

  const pacing = (of: K): void => {
    const known = lately.get(of)
    if (known?.cancel) return
    const wait = known ? known.at + ms - clock.monotonic() : 0
    if (known && wait > 0) known.cancel = clock.after(wait, () => told(of))
    else told(of)
  }
  return Object.assign(pacing, {
    end(of: K) {
      const { cancel } = lately.get(of) ?? {}
      cancel?.()
      if (cancel) told(of)
    },
    close() {
      for (const { cancel } of lately.values()) cancel?.()
      lately.clear()
    },
  })
}
