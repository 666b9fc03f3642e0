/**
 * The page: makes sure that this browser may run it, that no other page of this origin is the device
 * already, opens the device, and shows it. Rules WB4, WB8.
 */
import './theme.ts'
import { render } from 'preact'
import type { PagePeer } from '../peer.ts'
import { App } from './app.tsx'
import { keepShell } from './install.ts'
import { loadLater } from './later.tsx'
import { Message } from './parts.tsx'
import { openPlace } from './route.ts'
import { createPageState } from './state.ts'
import { takeTurn } from './turn.ts'

// Before anything is waited for: a code in the address is cleared at once.
const place = openPlace()
const root = document.getElementById('app') as HTMLElement
const show = (screen: Parameters<typeof render>[0]) => render(screen, root)

const tell = (title: string, ...lines: (string | undefined)[]) =>
  show(
    <Message title={title}>
      {lines.map((line) => line !== undefined && <p key={line}>{line}</p>)}
    </Message>,
  )

async function begin(steal: boolean): Promise<void> {
  // Most of what the page weighs: it comes while the place is taken, and what can be shown is shown.
  const loading = import('../peer.ts')
  loading.catch(() => {})
  const lost = () =>
    show(
      <Message title="Baton went on in another tab">
        <p>One tab at a time is this device.</p>
        <button type="button" onClick={() => location.reload()}>
          Use it here
        </button>
      </Message>,
    )
  if (!(await takeTurn({ steal, lost }))) {
    show(
      <Message title="Baton is open in another tab">
        <p>One tab at a time is this device. Go on there, or take it over: nothing is lost.</p>
        <button type="button" onClick={() => void begin(true)}>
          Use it here
        </button>
      </Message>,
    )
    return
  }
  show(<Message title="Opening" busy />)
  const { openPagePeer } = await loading
  const peer = await openPagePeer({
    signaling: location.origin,
    lost: ({ message, hint }) => tell('This page is no device any more', message, hint),
  })
  // The others know at once, and do not wait for a connection to die.
  addEventListener('pagehide', () => peer.leave())
  addEventListener('pageshow', ({ persisted }) => persisted && location.reload())
  const state = createPageState(peer.mesh)
  keepShell()
  const others = (await peer.mesh.devices()).some((row) => !row.self)
  if (!others && (location.hash.length < 3 || (await leadsNowhere(peer)))) place.go({ at: 'pair' })
  show(<App state={state} place={place} />)
  loadLater()
}

/** The address of a session, from before the browser took away all that was kept. */
async function leadsNowhere({ mesh }: PagePeer): Promise<boolean> {
  const { at } = place.route.value
  return (at === 'session' || at === 'about') && (await mesh.sessions()).length === 0
}

if (!isSecureContext) {
  tell(
    'This browser keeps its keys from pages on plain http',
    `It gives keys, storage and a clock to pages on https or on this machine only, and this page came from ${location.host} by http.`,
    'Open it on the machine where Baton runs, or serve it by https.',
  )
} else {
  begin(false).catch((error: { readonly message?: string; readonly hint?: string }) =>
    tell('Baton cannot run in this browser', error.message, error.hint),
  )
}
