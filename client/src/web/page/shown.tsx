/** How a session is shown in the mode of this page (rule WB34): chosen for this mode, and for no other. */
import type { SessionId } from '@baton/shared/ids'
import type { UiState } from '@baton/shared/model/agent/schema'
import { modeNow } from '../tabs/mode.ts'
import { Choice } from './dialog.tsx'
import type { PageState } from './state.ts'

export interface ShownProps {
  readonly state: PageState
  readonly session: SessionId
  readonly ui: UiState
}

export function Shown({ state, session, ui }: ShownProps) {
  const mode = modeNow()
  const choose = (name: 'fontSize' | 'sidebarOpen', value: number | boolean) =>
    void state.attempt(() => state.mesh.modes.choose(session, mode, name, value))
  return (
    <section aria-labelledby="shown">
      <h2 id="shown">How it is shown {places[mode]}</h2>
      <Choice
        legend="Size of the text"
        name="size"
        value={String(ui.fontSize)}
        choices={sizes}
        onChoice={(next) => choose('fontSize', Number(next))}
      />
      <Choice
        legend="The other sessions"
        name="sidebar"
        value={ui.sidebarOpen ? 'open' : 'closed'}
        choices={[
          { value: 'open', label: 'Beside it' },
          { value: 'closed', label: 'Not here' },
        ]}
        onChoice={(next) => choose('sidebarOpen', next === 'open')}
      />
    </section>
  )
}

const places = {
  popup: 'in the popup',
  tab: 'in a tab',
  sidepanel: 'in the side panel',
  mobile: 'on a phone',
  desktop: 'as an app',
  headless: 'here',
} as const

const sizes = [
  { value: '12', label: 'Small' },
  { value: '14', label: 'Normal' },
  { value: '16', label: 'Large' },
  { value: '20', label: 'Larger' },
]
