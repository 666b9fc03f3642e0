/** Waits for something to become so, looked at again whenever it may have. */
import { BatonError } from '@baton/shared/errors'
import type { Clock } from '../ports/platform.ts'

/**
 * Resolves with the first result of `look` that is not undefined. `onChange` tells when to look again.
 * Rejects with `timeout`, and with what `look` throws.
 */
export function waitFor<T>(
  clock: Clock,
  ms: number,
  onChange: readonly ((run: () => void) => () => void)[],
  look: () => Promise<T | undefined> | T | undefined,
): Promise<T> {
  return new Promise((resolve, reject) => {
    let over = false
    let looking = false
    let again = false
    const end = (settle: () => void) => {
      if (over) return
      over = true
      stop()
      for (const off of offs) off()
      settle()
    }
    const run = () => {
      again = true
      if (looking || over) return
      looking = true
      void (async () => {
        try {
          while (again && !over) {
            again = false
            const found = await look()
            if (found !== undefined) end(() => resolve(found))
          }
        } catch (error) {
          end(() => reject(error))
        } finally {
          looking = false
        }
      })()
    }
    const stop = clock.after(ms, () =>
      end(() => reject(new BatonError('timeout', 'the other device took too long'))),
    )
    const offs = onChange.map((on) => on(run))
    run()
  })
}
