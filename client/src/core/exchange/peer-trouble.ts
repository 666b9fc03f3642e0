/**
 * What a peer says of its disk, as its owner is told (rule XC12): only another word than the one told
 * last, and at most one a second; of those that come between, the last one counts.
 */
import { troubleTellMs } from '@baton/shared/limits'
import type { Clock } from '../ports/platform.ts'

export function createPeerTrouble<T>(clock: Clock, tell: (code: T | undefined) => void) {
  let told: T | undefined
  let said: T | undefined
  let resting = false
  let stop = () => {}

  function settle(): void {
    if (resting || said === told) return
    told = said
    resting = true
    stop = clock.after(troubleTellMs, () => {
      resting = false
      settle()
    })
    tell(told)
  }

  return {
    said(code: T | undefined): void {
      said = code
      settle()
    },
    close: () => stop(),
  }
}
