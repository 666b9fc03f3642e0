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
    <section class="holding" aria-label="Who holds it">
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
              Hand over
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
                Take it here
              </button>
              <button type="button" class="chip" onClick={() => handing.take(session, 'mirror')}>
                Ask to write along
              </button>
            </>
          )}
        </p>
      )}
      {own && <Progress state={state} view={own} />}
      <Invitations state={state} session={session} onShow={invite} />
      {holding.split && (
        <p class="trouble">
          Possible split: the device that held it was not asked. What it wrote meanwhile will stand
          beside the history.
        </p>
      )}
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
  const devices = state.devices.value ?? []
  const name = (id: string) => (id === state.mesh.self ? 'this page' : nameOf(devices, id))
  if (passingTo !== undefined) return `It is on its way to ${name(passingTo)}.`
  if (holder === undefined) return 'Nobody here knows who holds it.'
  return holder === state.mesh.self ? 'This page holds it.' : `${name(holder)} holds it.`
}

function Progress({ state, view }: { readonly state: PageState; readonly view: HandingView }) {
  const { handing } = state
  const { failed } = view
  if (failed) {
    // Without the word of who holds it, for those that will not be back.
    const alone = view.way === 'take' && view.kind === 'transfer' && lonely.includes(failed.code)
    return (
      <div class="trouble" role="alert">
        <p>{failed.message}</p>
        {failed.hint !== undefined && <p class="quiet">{failed.hint}</p>}
        {alone && (
          <p class="quiet">
            It can be taken without asking. Should the other device have gone on, what it wrote will
            stand beside the history, and you choose.
          </p>
        )}
        <p class="choices">
          {alone && (
            <button
              type="button"
              class="chip"
              onClick={() => handing.take(view.session, 'transfer', true)}
            >
              Take it without asking
            </button>
          )}
          <button type="button" class="plain" onClick={handing.clear}>
            Put away
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
          Put away
        </button>
      ) : (
        view.at !== 'signed' && (
          <button type="button" class="plain" onClick={handing.cancel}>
            Cancel
          </button>
        )
      )}
    </div>
  )
}

const lonely: readonly string[] = ['peer-offline', 'revoked', 'timeout']

function stageWords(state: PageState, { at, way, kind, to, pauseMs }: HandingView): string {
  const name = to === undefined ? 'the other device' : nameOf(state.devices.value ?? [], to)
  switch (at) {
    case 'begun':
    case 'asking':
      return `Asking ${name}`
    case 'waiting':
      return `Waiting for ${name} to be there`
    case 'accepted':
      return `${name} said yes`.replace(/^the/, 'The')
    case 'open':
      return 'Its agent has it open there: it goes over once that is closed'
    case 'carrying':
      return 'Waiting until everything is on its disk'
    case 'signed':
      return 'Signed over'
    default:
      if (kind === 'mirror') return way === 'hand' ? `${name} writes along` : 'You write along'
      if (kind === 'observe') return `${name} reads along`
      return `${way === 'hand' ? `${name} holds it now` : 'It is here now'}${took(pauseMs)}`
  }
}
