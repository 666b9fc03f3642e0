/**
 * Whether the signaling service answers, as this device's surfaces are told (rule ME6). A service that
 * restarts is away for a moment and that is nobody's news, so `down` is told once it has lasted.
 */
import type { Clock } from './ports/platform.ts'
import type { Rendezvous } from './ports/rendezvous.ts'

/** Longer than a service takes to start again, shorter than a person takes to wonder. */
const lastsMs = 5_000

export interface ServiceState {
  /** As it is now; `unasked` until something is asked of it, which may take a while: nobody is paired. */
  now(): 'up' | 'down' | 'unasked'
  close(): void
}

/** `tell` gets each change once; what was told last is never told again. */
export function watchService(
  { rendezvous, clock }: { readonly rendezvous: Rendezvous; readonly clock: Clock },
  tell: (state: 'up' | 'down') => void,
): ServiceState {
  let now: 'up' | 'down' | undefined
  let told: 'up' | 'down' | undefined
  let cancel = () => {}

  const settle = () => {
    if (told === now || now === undefined) return
    told = now
    tell(now)
  }
  const unwatch = rendezvous.onState((state) => {
    now = state
    cancel()
    cancel = () => {}
    if (state === 'up') settle()
    else cancel = clock.after(lastsMs, settle)
  })

  return {
    now: () => now ?? 'unasked',
    close() {
      cancel()
      unwatch()
    },
  }
}
