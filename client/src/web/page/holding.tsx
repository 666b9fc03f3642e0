/** Who holds a session, what can be done about that, and how it goes (rule WB17). */
import { useSignal } from '@preact/signals'
import type { HoldingRow } from '../../core/mesh-api.ts'
import { took } from './format.ts'
import { HandOver } from './hand-over.tsx'
import { type HandingView, isRunning } from './handing.ts'
import { Invitations, Invite, invitationOf } from './invite.tsx'
import { Dot } from './parts.tsx'
import { nameOf } from './sessions.tsx'
import type { PageState } from './state.ts'
import { w } from './words/words.ts'

export interface HoldingProps {
  readonly state: PageState
  readonly session: string
  readonly holding: HoldingRow
}

export function Holding({ state, session, holding }: HoldingProps) {
  const t = w().holding
  const asking = useSignal(false)
  const { handing } = state
  const view = handing.view.value
  const own = view?.session === session ? view : undefined
  const here = holding.holder === state.mesh.self
  const others = state.devices.value?.some((row) => !row.self && row.state !== 'removed') ?? false
  const busy = isRunning(view)
  const inviting = useSignal(false)
  const invite = () => {
    inviting.value = true
    // A link that was shown before is told below, and can be shown again.
    if (invitationOf(state, session)?.to !== undefined) state.visits.clear()
  }
  return (
    <section class="holding" aria-label={t.label}>
      <p class="who">
        <Dot state={here ? 'self' : 'offline'} />
        <span>{whoHolds(state, holding)}</span>
      </p>
      {!busy && (
        <p class="choices">
          {here && others && (
            <button
              type="button"
              class="chip"
              onClick={() => {
                asking.value = true
              }}
            >
              {t.handOver}
            </button>
          )}
          {here && (
            <button type="button" class="chip" onClick={invite}>
              {w().invitation.invite}
            </button>
          )}
          {!here && (
            <>
              <button
                type="button"
                class="chip main"
                onClick={() => handing.take(session, 'transfer')}
              >
                {t.take}
              </button>
              <button type="button" class="chip" onClick={() => handing.take(session, 'mirror')}>
                {t.askWrite}
              </button>
            </>
          )}
        </p>
      )}
      {own && <Progress state={state} view={own} />}
      <Invitations state={state} session={session} onShow={invite} />
      {holding.split && <p class="trouble">{t.split}</p>}
      {inviting.value && (
        <Invite
          state={state}
          session={session}
          onClose={() => {
            inviting.value = false
          }}
        />
      )}
      {asking.value && (
        <HandOver
          state={state}
          session={session}
          onClose={() => {
            asking.value = false
          }}
        />
      )}
    </section>
  )
}

function whoHolds(state: PageState, { holder, passingTo }: HoldingRow): string {
  const t = w().holding
  const devices = state.devices.value ?? []
  const name = (id: string) => (id === state.mesh.self ? w().frame.thisPage : nameOf(devices, id))
  if (passingTo !== undefined) return t.onItsWay(name(passingTo))
  if (holder === undefined) return t.nobody
  return holder === state.mesh.self ? t.here : t.holds(name(holder))
}

function Progress({ state, view }: { readonly state: PageState; readonly view: HandingView }) {
  const t = w().holding
  const { handing } = state
  const { failed } = view
  if (failed) {
    // Without the word of who holds it, for those that will not be back.
    const alone = view.way === 'take' && view.kind === 'transfer' && lonely.includes(failed.code)
    return (
      <div class="trouble" role="alert">
        <p>{failed.message}</p>
        {failed.hint !== undefined && <p class="quiet">{failed.hint}</p>}
        {alone && <p class="quiet">{t.alone}</p>}
        <p class="choices">
          {alone && (
            <button
              type="button"
              class="chip"
              onClick={() => handing.take(view.session, 'transfer', true)}
            >
              {t.takeAlone}
            </button>
          )}
          <button type="button" class="plain" onClick={handing.clear}>
            {t.putAway}
          </button>
        </p>
      </div>
    )
  }
  return (
    <div class="stage-line">
      <p role="status">{stageWords(state, view)}</p>
      {view.at === 'done' ? (
        <button type="button" class="plain" onClick={handing.clear}>
          {t.putAway}
        </button>
      ) : (
        view.at !== 'signed' && (
          <button type="button" class="plain" onClick={handing.cancel}>
            {w().frame.cancel}
          </button>
        )
      )}
    </div>
  )
}

const lonely: readonly string[] = ['peer-offline', 'revoked', 'timeout']

function stageWords(state: PageState, { at, way, kind, to, pauseMs }: HandingView): string {
  const t = w().holding
  const name = to === undefined ? t.other : nameOf(state.devices.value ?? [], to)
  switch (at) {
    case 'begun':
    case 'asking':
      return t.asking(name)
    case 'waiting':
      return t.waiting(name)
    case 'accepted':
      return t.accepted(name)
    case 'open':
      return t.open
    case 'carrying':
      return t.carrying
    case 'signed':
      return t.signed
    default:
      if (kind === 'mirror') return way === 'hand' ? t.writes(name) : t.youWrite
      if (kind === 'observe') return t.reads(name)
      return `${way === 'hand' ? t.holdsNow(name) : t.hereNow}${took(pauseMs)}`
  }
}
