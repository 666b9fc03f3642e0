/** What changes go over in this page (rule WB35), and how many tabs show this device. */
import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { type ChannelRow, chosen, pageChannels } from '../../core/tabs/channels.ts'
import { hasBroadcast } from '../tabs/channel.ts'
import { ago, plural } from './format.ts'
import type { PageState } from './state.ts'

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
  const now = Date.now()
  const rows = pageChannels({
    ...{ hasBroadcast: hasBroadcast(), heard: state.room.heard(), written: written.value },
    ...{ devices, signaling: state.status.value?.signaling, now },
  })
  const used = [chosen(rows, 'page'), chosen(rows, 'device')]
  return (
    <section aria-labelledby="channels">
      <h2 id="channels">What changes go over</h2>
      <ol class="channels">
        {rows.map(({ type, encryption, up, lastSync }) => (
          <li key={type}>
            {titles[type]} {used.includes(type) && <span class="badge">used now</span>}{' '}
            <span class="quiet">
              {encryption ? 'sealed' : 'not sealed: it stays in this browser'} ·{' '}
              {!up ? 'down' : lastSync === undefined ? 'nothing yet' : `last ${ago(lastSync, now)}`}
            </span>
          </li>
        ))}
      </ol>
      <p class="quiet">
        {plural(state.room.tabs().length, 'tab')} of this browser show this device.
      </p>
    </section>
  )
}

const titles: Readonly<Record<ChannelRow['type'], string>> = {
  broadcast: 'Other tabs, by broadcast',
  storage: 'Other tabs, by the storage',
  indexeddb: 'The store of this device',
  websocket: 'The service where devices meet; no session goes over it',
  webrtc: 'Other devices, directly',
}
