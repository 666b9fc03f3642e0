/**
 * What a peer asked for and has not taken yet (rule XC11). Holding back a peer that does not read
 * would let two sides that both owe wait for each other for ever; so one that owes more than an honest
 * peer can ask for ends the link instead. It knows neither lanes nor messages.
 */
import { BatonError } from '@baton/shared/errors'
import { maxOwedBytes } from '@baton/shared/limits'

export interface Owed {
  /** Runs what pays `bytes` back, in whatever order `pay` keeps; nothing once too much was owed. */
  due(bytes: number, pay: (run: () => Promise<void>) => void, run: () => Promise<void>): void
}

/** What a promise that waits in line costs beside its bytes. */
const lineBytes = 256

export function createOwed(failed: (error: unknown) => void): Owed {
  let owed = 0
  let over = false

  return {
    due(bytes, pay, run) {
      if (over) return
      const cost = bytes + lineBytes
      owed += cost
      if (owed > maxOwedBytes) {
        over = true
        failed(new BatonError('link-limit', 'failed to answer: the peer asks and does not read'))
        return
      }
      pay(async () => {
        try {
          await run()
        } finally {
          owed -= cost
        }
      })
    },
  }
}
