/** A copy of a transcript for another device: to whom, and how it goes (rule WB27). */
import { useSignal } from '@preact/signals'
import { Choice, Dialog } from './dialog.tsx'
import { bytes, standing } from './format.ts'
import { Trouble } from './parts.tsx'
import type { SendingView } from './sending.ts'
import { nameOf } from './sessions.tsx'
import type { PageState } from './state.ts'

export interface CopyingProps {
  readonly state: PageState
  readonly session: string
}

export function Copying({ state, session }: CopyingProps) {
  const asking = useSignal(false)
  const { sending } = state
  const view = sending.view.value
  const own = view?.session === session ? view : undefined
  const ended = view === undefined || view.failed !== undefined || view.event?.at === 'done'
  const others = state.devices.value?.some((row) => !row.self && row.state !== 'removed') ?? false
  return (
    <section class="holding" aria-label="A copy for another device">
      <p class="who">A transcript of an agent: copies of it are handed on.</p>
      {ended && others && (
        <button
          type="button"
          class="chip"
          onClick={() => {
            asking.value = true
          }}
        >
          Send a copy
        </button>
      )}
      {own?.failed && <Trouble problem={own.failed} />}
      {own && !own.failed && (
        <div class="stage-line">
          <p role="status">{stageWords(state, own)}</p>
          <button type="button" class="plain" onClick={ended ? sending.clear : sending.cancel}>
            {ended ? 'Put away' : 'Cancel'}
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
  const others = (state.devices.value ?? []).filter((row) => !row.self && row.state !== 'removed')
  const chosen = useSignal(others.find((row) => row.state === 'connected')?.id ?? others[0]?.id)
  return (
    <Dialog title="Send a copy" onClose={onClose}>
      <Choice
        legend="To"
        name="copy-to"
        value={chosen.value}
        choices={others.map((row) => ({ value: row.id, label: row.name, note: standing(row) }))}
        onChoice={(id) => {
          chosen.value = id
        }}
      />
      <p class="quiet">
        It is placed there so that its agent can resume it, where it has that agent.
      </p>
      <p class="choices">
        <button
          type="button"
          onClick={() => {
            if (chosen.value !== undefined) state.sending.send(session, chosen.value)
            onClose()
          }}
        >
          Send it
        </button>
        <button type="button" class="plain" onClick={onClose}>
          Cancel
        </button>
      </p>
    </Dialog>
  )
}

function stageWords(state: PageState, { to, event }: SendingView): string {
  const name = nameOf(state.devices.value ?? [], to)
  switch (event?.at) {
    case 'connecting':
    case 'waiting':
      return `Waiting for ${name} to connect`
    case 'sending':
      return `Sending ${bytes(event.sentBytes)} of ${bytes(event.totalBytes)} to ${name}`
    case 'placing':
      return `${name} puts it in its place`
    case 'done':
      return event.digest.here === event.digest.there
        ? `${name} has it, the same as here, and signed for it`
        : `${name} has it, and it is not the same as here`
    default:
      return 'Reading'
  }
}
