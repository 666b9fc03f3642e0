/**
 * The page: makes sure that this browser may run it, that no other page of this origin is the device
 * already, opens the device, and shows it. Rules WB4, WB8.
 */
import '../no-eval.ts'
import './theme.ts'
import { render } from 'preact'
import { openPagePeer } from '../peer.ts'
import { App } from './app.tsx'
import { keepShell } from './install.ts'
import { Message } from './parts.tsx'
import { openPlace } from './route.ts'
import { serviceOf } from './service.ts'
import { createPageState } from './state.ts'
import { takeTurn } from './turn.ts'

// Before anything is waited for: a code in the address is cleared at once.
const place = openPlace()
const root = document.getElementById('app') as HTMLElement
const named = document.querySelector<HTMLMetaElement>('meta[name="baton-signal"]')
const show = (screen: Parameters<typeof render>[0]) => render(screen, root)

const tell = (title: string, ...lines: (string | undefined)[]) =>
  show(
    <Message title={title}>
      {lines.map((line) => line !== undefined && <p key={line}>{line}</p>)}
    </Message>,
  )

async function begin(steal: boolean): Promise<void> {
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
  const peer = await openPagePeer({
    signaling: serviceOf(named?.content ?? '', location),
    lost: ({ message, hint }) => tell('This page is no device any more', message, hint),
  })
  // The others know at once, and do not wait for a connection to die.
  addEventListener('pagehide', () => peer.leave())
  addEventListener('pageshow', ({ persisted }) => persisted && location.reload())
  const state = createPageState(peer.mesh, peer)
  keepShell()
  const others = (await peer.mesh.devices()).some((row) => !row.self)
  if (!others && location.hash.length < 3) place.go({ at: 'pair' })
  show(<App state={state} place={place} />)
}

if (!isSecureContext) {
  tell(
    'This browser keeps its keys from pages on plain http',
    `It gives keys, storage and a clock to pages on https or on this machine only, and this page came from ${location.host} by http.`,
    'What helps: open it on the machine where Baton runs; or start Baton there with baton up --tls and a certificate that this browser trusts; or reach it through a tunnel that ends here as localhost, or that brings https of its own.',
  )
} else {
  begin(false).catch((error: { readonly message?: string; readonly hint?: string }) =>
    tell('Baton cannot run in this browser', error.message, error.hint),
  )
}
