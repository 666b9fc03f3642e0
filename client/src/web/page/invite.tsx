/** Making an invitation into a session (rule WB47): for whom, what it gives, and its link. */
import type { DeviceId } from '@baton/shared/ids'
import { useSignal } from '@preact/signals'
import type { HandoffKind } from '../../core/mesh-api.ts'
import { Choice, Dialog } from './dialog.tsx'
import { atTime, standing } from './format.ts'
import { Trouble } from './parts.tsx'
import { Qr } from './qr.tsx'
import { nameOf } from './sessions.tsx'
import type { PageState } from './state.ts'
import { shareable, type VisitView } from './visits.ts'
import { w } from './words/words.ts'

interface InviteProps {
  readonly state: PageState
  readonly session: string
  onClose(): void
}

/** Of this session, while it is being made or its link can be used. */
export function invitationOf(state: PageState, session: string): VisitView | undefined {
  const view = state.visits.view.value
  return view?.way === 'invite' && view.session === session ? view : undefined
}

export function Invite({ state, session, onClose }: InviteProps) {
  const t = w().invitation
  const view = invitationOf(state, session)
  return (
    <Dialog title={t.title} onClose={onClose}>
      {view?.failed && <Trouble problem={view.failed} />}
      {view?.link === undefined ? (
        <Terms state={state} session={session} onClose={onClose} />
      ) : (
        <Link state={state} view={view} link={shareable(view.link)} onClose={onClose} />
      )}
    </Dialog>
  )
}

const kinds = ['observe', 'mirror', 'transfer'] as const

function Terms({ state, session, onClose }: InviteProps) {
  const t = w().invitation
  const kind = useSignal<HandoffKind>('observe')
  const to = useSignal<DeviceId | 'guest'>('guest')
  const others = (state.devices.value ?? []).filter((row) => !row.self && row.state !== 'removed')
  return (
    <>
      <Choice
        legend={t.who}
        name="invited"
        value={to.value}
        choices={[
          { value: 'guest' as DeviceId | 'guest', label: t.guest, note: t.guestNote },
          ...others.map((row) => ({ value: row.id, label: row.name, note: standing(row) })),
        ]}
        onChoice={(value) => {
          to.value = value
        }}
      />
      <Choice
        legend={t.what}
        name="gives"
        value={kind.value}
        choices={kinds.map((value) => ({ value, label: t.kinds[value] }))}
        onChoice={(value) => {
          kind.value = value
        }}
      />
      <p class="choices">
        <button
          type="button"
          onClick={() =>
            state.visits.invite(session, kind.value, to.value === 'guest' ? undefined : to.value)
          }
        >
          {t.make}
        </button>
        <button type="button" class="plain" onClick={onClose}>
          {t.cancel}
        </button>
      </p>
    </>
  )
}

interface LinkProps {
  readonly state: PageState
  readonly view: VisitView
  readonly link: string
  onClose(): void
}

function Link({ state, view, link, onClose }: LinkProps) {
  const t = w().invitation
  const copied = useSignal(false)
  const until = atTime(view.expiresAt ?? 0)
  const { to } = view
  return (
    <>
      <label for="invitation-link">{t.link}</label>
      <div class="code-line">
        <input
          id="invitation-link"
          type="text"
          readOnly
          value={link}
          onFocus={({ currentTarget }) => currentTarget.select()}
        />
        <button
          type="button"
          onClick={async () => {
            await navigator.clipboard.writeText(link)
            copied.value = true
          }}
        >
          {copied.value ? t.copied : t.copy}
        </button>
      </div>
      <Qr text={link} label={t.qr} />
      <p>{to ? t.forOne(nameOf(state.devices.value ?? [], to), until) : t.forGuest(until)}</p>
      {!to && <p class="quiet">{t.showsWho}</p>}
      <p class="choices">
        <button type="button" class="chip" onClick={onClose}>
          {t.close}
        </button>
        {!to && (
          <button
            type="button"
            class="plain"
            onClick={() => {
              state.visits.cancel()
              onClose()
            }}
          >
            {t.callOff}
          </button>
        )}
      </p>
    </>
  )
}

/** What became of it, and those that wait, below who holds the session. */
export function Invitations({
  state,
  session,
  onShow,
}: Omit<InviteProps, 'onClose'> & { onShow(): void }) {
  const t = w().invitation
  const view = invitationOf(state, session)
  const { visits } = state
  const waiting = state.invitations.value.filter((row) => row.session === session)
  return (
    <>
      {view?.link !== undefined && view.to === undefined && (
        <div class="stage-line">
          <p role="status">{t.waiting(atTime(view.expiresAt ?? 0))}</p>
          <button type="button" class="plain" onClick={onShow}>
            {t.show}
          </button>
          <button type="button" class="plain" onClick={visits.cancel}>
            {t.callOff}
          </button>
        </div>
      )}
      {waiting.map((row) => (
        <div key={row.id} class="stage-line">
          <p role="status">
            {t.waitingFor(nameOf(state.devices.value ?? [], row.to), atTime(row.expiresAt))}
          </p>
          <button
            type="button"
            class="plain"
            onClick={() => void state.attempt(() => state.mesh.handoffs.cancel(row.id))}
          >
            {t.callOff}
          </button>
        </div>
      ))}
      {view?.name !== undefined && (
        <div class="stage-line">
          <p role="status">{t.came(view.name)}</p>
          <button type="button" class="plain" onClick={visits.clear}>
            {t.putAway}
          </button>
        </div>
      )}
      {view?.failed && (
        <div class="trouble" role="alert">
          <p>{view.failed.message}</p>
          {view.failed.hint !== undefined && <p class="quiet">{view.failed.hint}</p>}
          <button type="button" class="plain" onClick={visits.clear}>
            {t.putAway}
          </button>
        </div>
      )}
    </>
  )
}
