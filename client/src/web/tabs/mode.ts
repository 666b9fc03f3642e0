/**
 * In which interface mode this page is (rule WB34): the windows of an extension say so in their address,
 * an installed app has a window of its own, a phone is one by its own word.
 */
import type { InterfaceMode } from '@baton/shared/model/agent/schema'

const installed = matchMedia('(display-mode: standalone), (display-mode: minimal-ui)')
const phone = matchMedia('(pointer: coarse) and (max-width: 600px)')

export function modeNow(): InterfaceMode {
  const named = new URLSearchParams(location.search).get('mode')
  if (named === 'popup' || named === 'sidepanel') return named
  if (phone.matches) return 'mobile'
  return installed.matches ? 'desktop' : 'tab'
}

/** Also when this page comes to the front, or goes behind; returns how to stop. */
export function watchMode(changed: () => void): () => void {
  const stop = new AbortController()
  const { signal } = stop
  for (const each of [installed, phone]) each.addEventListener('change', changed, { signal })
  for (const kind of ['focus', 'blur']) addEventListener(kind, changed, { signal })
  document.addEventListener('visibilitychange', changed, { signal })
  return () => stop.abort()
}
