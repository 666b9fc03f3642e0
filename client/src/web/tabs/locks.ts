/**
 * The browser's locks as pages use them among each other (rules WB4, WB30): one for whoever runs the
 * device, and one of each page that says it is there. Both go with their page, also when it crashes.
 */
import type { TabLocks } from '../../core/tabs/ports.ts'

/** Of the device; older pages hold it, too. */
const name = 'baton'
const nameOf = (tab: string) => `baton tab ${tab}`

/** Resolves once this page is there for the others: before that they would take it for gone. */
export async function createLocks(
  tab: string,
  locks: LockManager = navigator.locks,
): Promise<TabLocks> {
  await new Promise<void>((resolve, reject) => {
    locks
      .request(nameOf(tab), () => {
        resolve()
        // Held until the page goes.
        return new Promise<void>(() => {})
      })
      .catch(reject)
  })
  return {
    hold(how, granted, lost) {
      const giveUp = new AbortController()
      let over = false
      let letGo = () => {}
      const held = new Promise<void>((resolve) => {
        letGo = resolve
      })
      const options = how === 'steal' ? { steal: true } : { signal: giveUp.signal }
      locks
        .request(name, options, () => {
          if (over) return undefined
          granted()
          return held
        })
        .catch(() => {
          if (!over) lost()
        })
      return () => {
        over = true
        giveUp.abort()
        letGo()
      }
    },
    whenGone(other, run) {
      const giveUp = new AbortController()
      locks.request(nameOf(other), { signal: giveUp.signal }, () => run()).catch(() => {})
      return () => giveUp.abort()
    },
  }
}
