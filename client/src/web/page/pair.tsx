/** Pairing: the code of another device typed here, or one shown to be typed there. */
import { useSignalEffect } from '@preact/signals'
import { useMemo } from 'preact/hooks'
import { CodeField } from './code-field.tsx'
import { atTime } from './format.ts'
import { later } from './later.tsx'
import { createPairing, type Pairing, type PairingView } from './pairing.ts'
import type { Place } from './route.ts'
import type { PageState } from './state.ts'

const Qr = later(async () => (await import('./qr.tsx')).Qr)

export function PairScreen({ state, place }: { readonly state: PageState; readonly place: Place }) {
  const pairing = useMemo(() => createPairing(state.mesh), [state.mesh])
  const view = pairing.view.value
  const before = useMemo(() => state.arrived.peek(), [state])
  useSignalEffect(() => {
    // Whoever waits for the first session wants to read it.
    const session = state.arrived.value
    if (pairing.view.value?.paired && session !== undefined && session !== before) {
      place.go({ at: 'session', session })
    }
  })
  const begin = place.code
  return (
    <div class="page pair">
      <h1>Pair with a device</h1>
      {view === undefined || view.stage === 'failed' ? (
        <>
          <p>
            On the other device run <code>npm start</code> or <code>baton pair</code> and type the
            code that it shows. It works once, for ten minutes.
          </p>
          <CodeField begin={begin} onCode={pairing.join} />
          {view?.failed && <Failed failed={view.failed} />}
          <p class="or">
            <button type="button" class="plain" onClick={pairing.invite}>
              Show a code here instead
            </button>
          </p>
        </>
      ) : (
        <Under view={view} pairing={pairing} self={selfOf(state)} />
      )}
    </div>
  )
}

const selfOf = (state: PageState) => state.status.value?.self.short ?? 'this'

const Failed = ({ failed }: { readonly failed: NonNullable<PairingView['failed']> }) => (
  <div class="trouble" role="alert">
    <p>{failed.message}</p>
    {failed.hint !== undefined && <p class="quiet">{failed.hint}</p>}
  </div>
)

function Under({ view, pairing, self }: { view: PairingView; pairing: Pairing; self: string }) {
  const { code, check, paired } = view
  return (
    <div class="under">
      {code && !check && <Code code={code.code} qr={code.qr} expiresAt={code.expiresAt} />}
      <p class="stage" role="status">
        {paired ? `Paired with ${paired.device.name}` : stages[view.stage]}
      </p>
      {check && (
        <>
          <ul class="emoji" aria-label="Pictures">
            {check.emoji.map((each) => {
              const [picture = '', ...name] = each.split(' ')
              return (
                <li key={each}>
                  <span aria-hidden="true">{picture}</span>
                  {name.join(' ')}
                </li>
              )
            })}
          </ul>
          <p class="quiet">
            {check.peer.name} shows the same pictures. Others mean that somebody is in between.
          </p>
        </>
      )}
      {check?.confirm && !paired && (
        <p class="choices">
          <button type="button" onClick={() => pairing.answer(true)}>
            They are the same
          </button>
          <button type="button" class="plain" onClick={() => pairing.answer(false)}>
            They differ
          </button>
        </p>
      )}
      {paired ? (
        <>
          <p>
            Hand it a session from there: <code>baton send --to {self}</code>. It opens here when it
            has come.
          </p>
          <p class="quiet" aria-busy="true">
            Waiting for a session
          </p>
        </>
      ) : (
        <button type="button" class="plain" onClick={pairing.cancel}>
          Cancel
        </button>
      )}
    </div>
  )
}

interface CodeProps {
  readonly code: string
  readonly qr: string | undefined
  readonly expiresAt: number
}

/** The address of this page with the code in its fragment, which no server sees. */
const addressOf = (qr: string): string =>
  `${location.origin}${location.pathname}#${qr.replace(/^baton:/, '')}`

const isOwnMachine = (): boolean => /^(localhost|127\.|\[::1\])/.test(location.hostname)

function Code({ code, qr, expiresAt }: CodeProps) {
  const until = atTime(expiresAt)
  return (
    <>
      <p>
        On the other device run <code>baton pair --join</code> and type
      </p>
      <p class="shown-code">
        <span class="unseen">{code.replaceAll('-', ', ')}</span>
        {code.split(/(?<=-)/).map((part) => (
          <span key={part} aria-hidden="true">
            {part}
          </span>
        ))}
      </p>
      <p class="quiet">
        It works once, until {until}.{' '}
        <button
          type="button"
          class="plain"
          onClick={() => void navigator.clipboard.writeText(code)}
        >
          Copy
        </button>
      </p>
      {qr !== undefined && (
        <details class="as-qr">
          <summary>As a QR code, for a phone</summary>
          <Qr text={addressOf(qr)} label="QR code of this page and the code" />
          {isOwnMachine() && (
            <p class="quiet">
              The address of this page is of this machine alone: a phone can open it only where
              Baton is served by https.
            </p>
          )}
        </details>
      )}
    </>
  )
}

const stages: Readonly<Record<PairingView['stage'], string>> = {
  begun: 'Asking the service',
  code: 'Waiting for the other device',
  waiting: 'Waiting for the other device',
  claimed: 'The other device is there',
  released: 'It went away; the code still works',
  proving: 'Checking the code',
  check: 'Do both show these?',
  connecting: 'Connecting',
  paired: '',
  failed: '',
}
