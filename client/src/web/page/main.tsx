/**
 * The page: makes sure that this browser may run it, finds out which page of this origin runs the device,
 * and shows it. Rules WB4, WB8.
 */
import './theme.ts'
import { render } from 'preact'
import type { PageMesh } from '../../core/tabs/page-mesh.ts'
import { App } from './app.tsx'
import { keepShell } from './install.ts'
import { loadLater } from './later.tsx'
import { notify } from './notifying.ts'
import { Message } from './parts.tsx'
import { openPlace } from './route.ts'
import { createPageState } from './state.ts'
import { speak } from './words/language.ts'
import { Rich } from './words/rich.tsx'
import { w } from './words/words.ts'

// Before anything is waited for: a code in the address is cleared at once.
const place = openPlace()
const root = document.getElementById('app') as HTMLElement
const named = document.querySelector<HTMLMetaElement>('meta[name="baton-signal"]')
const show = (screen: Parameters<typeof render>[0]) => render(screen, root)

const tell = (title: string, ...lines: (string | undefined)[]) =>
  show(
    <Message title={title}>
      {lines.map(
        (line) =>
          line !== undefined && (
            <p key={line}>
              <Rich text={line} />
            </p>
          ),
      )}
    </Message>,
  )

const cannotRun = (error: { readonly message?: string; readonly hint?: string | undefined }) =>
  tell(w().start.cannot, error.message, error.hint)

async function begin(): Promise<void> {
  // Most of what the page weighs: it comes behind what can be shown at once.
  show(<Message title={w().start.opening} busy />)
  const [{ openPageRoom }, { serviceOf }] = await Promise.all([
    import('../tabs/room.ts'),
    import('./service.ts'),
  ])
  const room = await openPageRoom({
    signaling: serviceOf(named?.content ?? '', location),
    failed(error) {
      if (error === 'other-device') location.reload()
      else if (error.code === 'store-closed') {
        tell(w().start.lost, error.message, error.hint)
      } else cannotRun(error)
    },
  })
  // What it rejects with was told.
  const mesh = await room.ready.catch(() => undefined)
  if (!mesh) return
  const state = createPageState(mesh, room)
  // By one tab: the one that runs the device.
  mesh.watch((change) => {
    const tabs = room.tabs()
    if (tabs[0]?.leads) notify(change, !tabs.some(({ front }) => front))
  })
  keepShell()
  const others = (await mesh.devices()).some((row) => !row.self)
  if (!others && (location.hash.length < 3 || (await leadsNowhere(mesh)))) place.go({ at: 'pair' })
  show(<App state={state} place={place} />)
  loadLater()
}

/** The address of a session, from before the browser took away all that was kept. */
async function leadsNowhere(mesh: PageMesh): Promise<boolean> {
  const { at } = place.route.value
  return (at === 'session' || at === 'about') && (await mesh.sessions()).length === 0
}

await speak()
if (!isSecureContext) {
  const t = w().start
  tell(t.plain, t.plainWhy(location.host), t.plainHelp)
} else {
  begin().catch(cannotRun)
}
