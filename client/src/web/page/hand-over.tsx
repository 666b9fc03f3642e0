/** To whom a session is handed over, and how (rule WB17). */

import type { DeviceId } from '@baton/shared/ids'
import { useSignal } from '@preact/signals'
import type { HandoffKind } from '../../core/mesh-api.ts'
import { Choice, Dialog } from './dialog.tsx'
import { standing } from './format.ts'
import type { PageState } from './state.ts'

const kinds = [
  {
    value: 'transfer',
    label: 'Move it there',
    note: 'The other device goes on with it, and this page lets go.',
  },
  {
    value: 'mirror',
    label: 'Let it write along',
    note: 'It stays here; what the other one says waits in the inbox.',
  },
  { value: 'observe', label: 'Let it read along', note: 'It stays here.' },
] as const

export function HandOver(props: {
  readonly state: PageState
  readonly session: string
  onClose(): void
}) {
  const { state } = props
  const others = (state.devices.value ?? []).filter((row) => !row.self && row.state !== 'removed')
  const chosen = useSignal<DeviceId | undefined>(undefined)
  const kind = useSignal<HandoffKind>('transfer')
  const first = others.find((row) => row.state === 'connected') ?? others[0]
  const to = chosen.value ?? first?.id
  return (
    <Dialog title="Hand over" onClose={props.onClose}>
      <Choice
        legend="To"
        name="to"
        value={to}
        choices={others.map((row) => ({ value: row.id, label: row.name, note: standing(row) }))}
        onChoice={(id) => {
          chosen.value = id
        }}
      />
      <Choice
        legend="How"
        name="kind"
        value={kind.value}
        choices={kinds}
        onChoice={(value) => {
          kind.value = value
        }}
      />
      <p class="choices">
        <button
          type="button"
          aria-disabled={to === undefined}
          onClick={() => {
            if (to === undefined) return
            state.handing.hand(props.session, to, kind.value)
            props.onClose()
          }}
        >
          Hand over
        </button>
        <button type="button" class="plain" onClick={props.onClose}>
          Cancel
        </button>
      </p>
    </Dialog>
  )
}
