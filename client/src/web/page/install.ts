/** The page as an app (rule WB24): its service worker, and the browser's offer to install it. */
import { signal } from '@preact/signals'

/** Of Chromium; others install by a menu of their own. */
interface InstallOffer extends Event {
  prompt(): Promise<unknown>
}

let offer: InstallOffer | undefined
export const canInstall = signal(false)

addEventListener('beforeinstallprompt', (event) => {
  event.preventDefault()
  offer = event as InstallOffer
  canInstall.value = true
})
addEventListener('appinstalled', () => {
  canInstall.value = false
})

export async function install(): Promise<void> {
  canInstall.value = false
  await offer?.prompt()
}

interface TrustedTypes {
  createPolicy(
    name: string,
    rules: { createScriptURL(url: string): string },
  ): { createScriptURL(url: string): string }
}

/** Opening without a network; its failure costs nothing else. */
export function keepShell(): void {
  const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypes }
  // The one script that the page's policy lets a text name, and always this one.
  const policy = trustedTypes?.createPolicy('worker', { createScriptURL: () => './worker.js' })
  const url = policy?.createScriptURL('') ?? './worker.js'
  navigator.serviceWorker?.register(url).catch(() => {})
}
