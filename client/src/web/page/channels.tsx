/** What changes go over in this page (rule WB35), and how many tabs show this device. */
import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { chosen, pageChannels } from '../../core/tabs/channels.ts'
import { hasBroadcast } from '../tabs/channel.ts'
import { ago } from './format.ts'
import type { PageState } from './state.ts'
import { w } from './words/words.ts'

export function Channels({ state }: { readonly state: PageState }) {
  const written = useSignal<number | undefined>(undefined)
  const devices = state.devices.value ?? []
  useEffect(() => {
    state.mesh.written().then(
      (at) => {
        written.value = at
      },
      () => {},
    )
  }, [devices])
  const t = w().channels
  const now = Date.now()
  const rows = pageChannels({
    ...{ hasBroadcast: hasBroadcast(), heard: state.room.heard(), written: written.value },
    ...{ devices, signaling: state.status.value?.signaling, now },
  })
  const used = [chosen(rows, 'page'), chosen(rows, 'device')]
  return (
    <section aria-labelledby="channels">
      <h2 id="channels">{t.title}</h2>
      <ol class="channels">
        {rows.map(({ type, encryption, up, lastSync }) => (
          <li key={type}>
            {t.types[type]} {used.includes(type) && <span class="badge">{t.used}</span>}{' '}
            <span class="quiet">
              {encryption ? t.sealed : t.open} ·{' '}
              {!up ? t.down : lastSync === undefined ? t.nothing : t.last(ago(lastSync, now))}
            </span>
          </li>
        ))}
      </ol>
      <p class="quiet">{t.tabs(state.room.tabs().length)}</p>
    </section>
  )
}
