/** Pairing: the code of another device typed here, or one shown to be typed there. */
import { isLink, linkOnPage } from '@baton/shared/keyexchange/code-link'
import { useSignal, useSignalEffect } from '@preact/signals'
import { useMemo } from 'preact/hooks'
import { CodeField } from './code-field.tsx'
import { atTime } from './format.ts'
import { createPairing, type Pairing, type PairingView } from './pairing.ts'
import { Qr } from './qr.tsx'
import { hrefOf, type Place } from './route.ts'
import { Scan } from './scan.tsx'
import type { PageState } from './state.ts'
import { isOwnMachine, pageAddress } from './visits.ts'
import { w } from './words/words.ts'

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
  useSignalEffect(() => {
    const { stage, failed } = pairing.view.value ?? {}
    if (failed && unreached.includes(failed.code)) state.hindrances.noPath()
    if (stage !== 'connecting') return
    const timer = setTimeout(state.hindrances.noPath, patienceMs)
    return () => clearTimeout(timer)
  })
  const begin = place.code
  const scans = useSignal(false)
  const join = (code: string) => {
    begin.value = ''
    // Whoever made somebody open a link, or scan one, has shown that person nothing yet.
    pairing.join(code, isLink(code) && (state.sessions.value?.length ?? 0) > 0)
  }
  return (
    <div class="page pair">
      <h1>Pair with a device</h1>
      {view === undefined || view.stage === 'failed' ? (
        <>
          <p>
            On the other device run <code>npm start</code> or <code>baton pair</code> and type the
            code that it shows. It works once, for ten minutes.
          </p>
          {scans.value ? (
            <Scan
              onCode={(link) => {
                begin.value = link
                scans.value = false
              }}
              onInvitation={(link) => {
                place.invitation.value = link
                place.go({ at: 'join' })
              }}
              onClose={() => {
                scans.value = false
              }}
            />
          ) : (
            <CodeField key={begin.value} begin={begin.value} onCode={join} />
          )}
          {view?.failed && <Failed failed={view.failed} />}
          <p class="or">
            {!scans.value && (
              <button
                type="button"
                class="chip"
                onClick={() => {
                  scans.value = true
                }}
              >
                Scan a QR code
              </button>
            )}
            <button type="button" class="plain" onClick={pairing.invite}>
              Show a code here instead
            </button>
            <a href={hrefOf({ at: 'join' })}>{w().invitation.join}</a>
          </p>
        </>
      ) : (
        <Under view={view} pairing={pairing} self={selfOf(state)} />
      )}
    </div>
  )
}

/** Devices that can reach each other take a second or two. */
const patienceMs = 8_000

/** The two met at the service, and nothing came through between them. */
const unreached: readonly string[] = ['no-path', 'no-answer', 'link-timeout']

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
          {check.confirm && !paired && (
            <p>
              Say yes only if you have {check.peer.name} before you: it becomes one of your devices,
              and gets to know the others.
            </p>
          )}
        </>
      )}
      {check?.confirm && !paired && (
        <p class="choices">
          <button type="button" class="chip" autofocus onClick={() => pairing.answer(false)}>
            No
          </button>
          <button type="button" onClick={() => pairing.answer(true)}>
            They are the same
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
          <Qr text={linkOnPage(qr, pageAddress())} label="QR code of this page and the code" />
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
