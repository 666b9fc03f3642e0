/** A copy of a transcript for another device: to whom, and how it goes (rule WB27). */
import { useSignal } from '@preact/signals'
import { Choice, Dialog } from './dialog.tsx'
import { bytes, standing } from './format.ts'
import { Trouble } from './parts.tsx'
import type { SendingView } from './sending.ts'
import { nameOf } from './sessions.tsx'
import type { PageState } from './state.ts'
import { w } from './words/words.ts'

export interface CopyingProps {
  readonly state: PageState
  readonly session: string
}

export function Copying({ state, session }: CopyingProps) {
  const t = w().copying
  const asking = useSignal(false)
  const { sending } = state
  const view = sending.view.value
  const own = view?.session === session ? view : undefined
  const ended = view === undefined || view.failed !== undefined || view.event?.at === 'done'
  const others = state.devices.value?.some((row) => !row.self && row.state !== 'removed') ?? false
  return (
    <section class="holding" aria-label={t.label}>
      <p class="who">{t.what}</p>
      {ended && others && (
        <button
          type="button"
          class="chip"
          onClick={() => {
            asking.value = true
          }}
        >
          {t.send}
        </button>
      )}
      {own?.failed && <Trouble problem={own.failed} />}
      {own && !own.failed && (
        <div class="stage-line">
          <p role="status">{stageWords(state, own)}</p>
          <button type="button" class="plain" onClick={ended ? sending.clear : sending.cancel}>
            {ended ? w().frame.putAway : w().frame.cancel}
          </button>
        </div>
      )}
      {asking.value && (
        <To
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

function To({ state, session, onClose }: CopyingProps & { onClose(): void }) {
  const t = w().copying
  const others = (state.devices.value ?? []).filter((row) => !row.self && row.state !== 'removed')
  const chosen = useSignal(others.find((row) => row.state === 'connected')?.id ?? others[0]?.id)
  return (
    <Dialog title={t.send} onClose={onClose}>
      <Choice
        legend={w().holding.to}
        name="copy-to"
        value={chosen.value}
        choices={others.map((row) => ({ value: row.id, label: row.name, note: standing(row) }))}
        onChoice={(id) => {
          chosen.value = id
        }}
      />
      <p class="quiet">{t.note}</p>
      <p class="choices">
        <button
          type="button"
          onClick={() => {
            if (chosen.value !== undefined) state.sending.send(session, chosen.value)
            onClose()
          }}
        >
          {t.sendIt}
        </button>
        <button type="button" class="plain" onClick={onClose}>
          {w().frame.cancel}
        </button>
      </p>
    </Dialog>
  )
}

function stageWords(state: PageState, { to, event }: SendingView): string {
  const t = w().copying
  const name = nameOf(state.devices.value ?? [], to)
  switch (event?.at) {
    case 'connecting':
    case 'waiting':
      return t.waiting(name)
    case 'sending':
      return t.sending(bytes(event.sentBytes), bytes(event.totalBytes), name)
    case 'placing':
      return t.placing(name)
    case 'done':
      return event.digest.here === event.digest.there ? t.same(name) : t.differs(name)
    default:
      return t.reading
  }
}
