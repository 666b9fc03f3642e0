/**
 * Token buckets by kind and address (rule SV13). A bucket holds a minute's allowance, so one that
 * rested a minute is full and need not be remembered. When the table is full, all further addresses
 * share one bucket: memory stays bounded, and a flood of addresses slows newcomers only.
 */
export interface Rates {
  /** 0 when it may pass, else the whole seconds to wait. */
  take(kind: string, address: string, perMinute: number): number
  sweep(): void
}

const minute = 60_000
const rounding = 1e-9

export function createRates(maxEntries: number, now: () => number): Rates {
  /** Least recently used first. */
  const buckets = new Map<string, { tokens: number; at: number }>()

  return {
    take(kind, address, perMinute) {
      const time = now()
      const own = `${kind} ${address}`
      const key = buckets.has(own) || buckets.size < maxEntries ? own : `${kind} others`
      const bucket = buckets.get(key) ?? { tokens: perMinute, at: time }
      const earned = ((time - bucket.at) / minute) * perMinute
      bucket.tokens = Math.min(perMinute, bucket.tokens + earned)
      bucket.at = time
      buckets.delete(key)
      buckets.set(key, bucket)
      if (bucket.tokens < 1 - rounding)
        return Math.ceil(((1 - bucket.tokens) / perMinute) * (minute / 1000))
      bucket.tokens--
      return 0
    },
    sweep() {
      const time = now()
      for (const [key, bucket] of buckets) {
        if (time - bucket.at < minute) break
        buckets.delete(key)
      }
    },
  }
}
