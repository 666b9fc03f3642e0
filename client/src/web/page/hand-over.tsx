/** To whom a session is handed over, and how (rule WB17). */

import type { DeviceId } from '@baton/shared/ids'
import { useSignal } from '@preact/signals'
import type { HandoffKind } from '../../core/mesh-api.ts'
import { Choice, Dialog } from './dialog.tsx'
import { standing } from './format.ts'
import type { PageState } from './state.ts'
import { w } from './words/words.ts'

export function HandOver(props: {
  readonly state: PageState
  readonly session: string
  onClose(): void
}) {
  const { state } = props
  const t = w().holding
  const others = (state.devices.value ?? []).filter((row) => !row.self && row.state !== 'removed')
  const chosen = useSignal<DeviceId | undefined>(undefined)
  const kind = useSignal<HandoffKind>('transfer')
  const first = others.find((row) => row.state === 'connected') ?? others[0]
  const to = chosen.value ?? first?.id
  return (
    <Dialog title={t.handOver} onClose={props.onClose}>
      <Choice
        legend={t.to}
        name="to"
        value={to}
        choices={others.map((row) => ({ value: row.id, label: row.name, note: standing(row) }))}
        onChoice={(id) => {
          chosen.value = id
        }}
      />
      <Choice
        legend={t.how}
        name="kind"
        value={kind.value}
        choices={[
          { value: 'transfer', label: t.move, note: t.moveNote },
          { value: 'mirror', label: t.mirror, note: t.mirrorNote },
          { value: 'observe', label: t.observe, note: t.observeNote },
        ]}
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
          {t.handOver}
        </button>
        <button type="button" class="plain" onClick={props.onClose}>
          {w().frame.cancel}
        </button>
      </p>
    </Dialog>
  )
}
