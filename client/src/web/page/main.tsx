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

async function begin(steal: boolean): Promise<void> {
  const lost = () =>
    show(
      <Message title={w().start.wentOn}>
        <p>{w().start.oneTab}</p>
        <button type="button" onClick={() => location.reload()}>
          {w().start.useHere}
        </button>
      </Message>,
    )
  if (!(await takeTurn({ steal, lost }))) {
    show(
      <Message title={w().start.isOpen}>
        <p>{w().start.takeOver}</p>
        <button type="button" onClick={() => void begin(true)}>
          {w().start.useHere}
        </button>
      </Message>,
    )
    return
  }
  const peer = await openPagePeer({
    signaling: serviceOf(named?.content ?? '', location),
    lost: ({ message, hint }) => tell(w().start.lost, message, hint),
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

await speak()
if (!isSecureContext) {
  const t = w().start
  tell(t.plain, t.plainWhy(location.host), t.plainHelp)
} else {
  begin(false).catch((error: { readonly message?: string; readonly hint?: string }) =>
    tell(w().start.cannot, error.message, error.hint),
  )
}
