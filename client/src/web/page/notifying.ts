/** Telling a person who looks elsewhere (rule WB36): that something came, and never what it says. */
import type { MeshChange } from '../../core/tabs/messages.ts'
import { preferences } from './preferences.ts'
import { w } from './words/words.ts'

export const canNotify = (): boolean => 'Notification' in globalThis

/** `elsewhere`: no tab of this origin is in front. */
export function notify(change: MeshChange, elsewhere: boolean): void {
  const { received, asked } = w().preferred
  const texts: Partial<Record<MeshChange['kind'], string>> = { received, handoff: asked }
  const text = change.waits === false ? undefined : texts[change.kind]
  if (text === undefined || !elsewhere || !preferences.value.notifications || !canNotify()) return
  if (Notification.permission !== 'granted') return
  try {
    const shown = new Notification('Baton', {
      body: text,
      tag: change.kind,
      icon: './icon-192.png',
    })
    shown.onclick = () => focus()
  } catch {
    // Some browsers let only a worker do it: the page says it when it is in front again.
  }
}
