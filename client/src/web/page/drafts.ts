/** What a person has written and not said yet (rule WB36): kept in the device's store, for all its tabs. */
import { effect } from '@preact/signals'
import { createFlushing } from '../../core/tabs/flushing.ts'
import type { PageMesh } from '../../core/tabs/page-mesh.ts'
import { createClock } from '../clock.ts'
import { watchMode } from '../tabs/mode.ts'
import { preferences } from './preferences.ts'

export interface Drafts {
  read(session: string): Promise<string>
  write(session: string, text: string): void
  /** It was said. */
  clear(session: string): void
}

export function createDrafts({ kept }: Pick<PageMesh, 'kept'>): Drafts {
  const flushing = createFlushing(createClock())
  const show = () => flushing.show(document.hasFocus(), preferences.value.syncFrequency * 1_000)
  watchMode(show)
  effect(show)
  addEventListener('beforeunload', flushing.flush)
  const nameOf = (session: string) => `draft/${session}`
  const write = (session: string, text: string) =>
    flushing.soon(nameOf(session), () => kept.put(nameOf(session), text))
  return {
    read: async (session) => (await kept.get(nameOf(session))) ?? '',
    write(session, text) {
      if (preferences.value.autosave) write(session, text)
    },
    clear(session) {
      write(session, '')
      flushing.flush()
    },
  }
}
