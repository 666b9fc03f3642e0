/** Pairing: the code of another device typed here, or one shown to be typed there. */
import { isLink, linkOnPage } from '@baton/shared/keyexchange/code-link'
import { useSignal, useSignalEffect } from '@preact/signals'
import { useEffect, useMemo, useRef } from 'preact/hooks'
import { CodeField } from './code-field.tsx'
import { atTime } from './format.ts'
import { patienceMs } from './hindrances.ts'
import { later } from './later.tsx'
import { createPairing, type Pairing, type PairingView } from './pairing.ts'
import { hrefOf, type Place } from './route.ts'
import type { PageState } from './state.ts'
import { isOwnMachine, pageAddress } from './visits.ts'
import { Rich } from './words/rich.tsx'
import { w } from './words/words.ts'

const Scan = later(async () => (await import('./scan.tsx')).Scan)
const Qr = later(async () => (await import('./qr.tsx')).Qr)

export function PairScreen({ state, place }: { readonly state: PageState; readonly place: Place }) {
  const pairing = useMemo(() => createPairing(state.mesh), [state.mesh])
  const t = w().pair
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
      <h1>{t.title}</h1>
      {view === undefined || view.stage === 'failed' ? (
        <>
          <p>
            <Rich text={t.intro} />
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
                {t.scan}
              </button>
            )}
            <button type="button" class="plain" onClick={pairing.invite}>
              {t.show}
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
  const t = w().pair
  const { code, check, paired } = view
  const no = useRef<HTMLButtonElement>(null)
  // Who presses Enter without reading has said no.
  useEffect(() => no.current?.focus(), [check])
  return (
    <div class="under">
      {code && !check && <Code code={code.code} qr={code.qr} expiresAt={code.expiresAt} />}
      <p class="stage" role="status">
        {paired ? t.paired(paired.device.name) : t.stages[view.stage]}
      </p>
      {check && (
        <>
          <ul class="emoji" aria-label={t.pictures}>
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
          <p class="quiet">{t.samePictures(check.peer.name)}</p>
          {check.confirm && !paired && <p>{t.sure(check.peer.name)}</p>}
        </>
      )}
      {check?.confirm && !paired && (
        <p class="choices">
          <button type="button" ref={no} class="chip" onClick={() => pairing.answer(false)}>
            {t.no}
          </button>
          <button type="button" onClick={() => pairing.answer(true)}>
            {t.same}
          </button>
        </p>
      )}
      {paired ? (
        <>
          <p>
            <Rich text={t.handIt(self)} />
          </p>
          <p class="quiet" aria-busy="true">
            {t.waiting}
          </p>
        </>
      ) : (
        <button type="button" class="plain" onClick={pairing.cancel}>
          {t.cancel}
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
  const t = w().pair
  const until = atTime(expiresAt)
  return (
    <>
      <p>
        <Rich text={t.there} />
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
        {t.until(until)}{' '}
        <button
          type="button"
          class="plain"
          onClick={() => void navigator.clipboard.writeText(code)}
        >
          {t.copy}
        </button>
      </p>
      {qr !== undefined && (
        <details class="as-qr">
          <summary>{t.asQr}</summary>
          <Qr text={linkOnPage(qr, pageAddress())} label={t.qr} />
          {isOwnMachine() && <p class="quiet">{t.ownMachine}</p>}
        </details>
      )}
    </>
  )
}
