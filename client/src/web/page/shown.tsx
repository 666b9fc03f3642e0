/** How a session is shown in the mode of this page (rule WB34): chosen for this mode, and for no other. */
import type { SessionId } from '@baton/shared/ids'
import type { UiState } from '@baton/shared/model/agent/schema'
import { modeNow } from '../tabs/mode.ts'
import { Choice } from './dialog.tsx'
import type { PageState } from './state.ts'
import { w } from './words/words.ts'

export interface ShownProps {
  readonly state: PageState
  readonly session: SessionId
  readonly ui: UiState
}

export function Shown({ state, session, ui }: ShownProps) {
  const t = w().shown
  const mode = modeNow()
  const choose = (name: 'fontSize' | 'sidebarOpen', value: number | boolean) =>
    void state.attempt(() => state.mesh.modes.choose(session, mode, name, value))
  return (
    <section aria-labelledby="shown">
      <h2 id="shown">{t.titles[mode]}</h2>
      <Choice
        legend={t.size}
        name="size"
        value={String(ui.fontSize)}
        choices={sizes.map(({ value, name }) => ({ value, label: t.sizes[name] }))}
        onChoice={(next) => choose('fontSize', Number(next))}
      />
      <Choice
        legend={t.others}
        name="sidebar"
        value={ui.sidebarOpen ? 'open' : 'closed'}
        choices={[
          { value: 'open', label: t.beside },
          { value: 'closed', label: t.notHere },
        ]}
        onChoice={(next) => choose('sidebarOpen', next === 'open')}
      />
    </section>
  )
}

const sizes = [
  { value: '12', name: 'small' },
  { value: '14', name: 'normal' },
  { value: '16', name: 'large' },
  { value: '20', name: 'larger' },
] as const
