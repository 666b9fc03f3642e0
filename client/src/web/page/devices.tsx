/** The devices: this page and those it is paired with, how each stands, and what it is. */
import type { DeviceRow } from '../../core/mesh-api.ts'
import { ago, standing } from './format.ts'
import { Dot } from './parts.tsx'
import { hrefOf } from './route.ts'
import type { PageState } from './state.ts'

export function DevicesScreen({ state }: { readonly state: PageState }) {
  const rows = state.devices.value
  const others = rows?.filter((row) => !row.self).length ?? 0
  return (
    <div class="page">
      <h1>Devices</h1>
      {rows === undefined ? (
        <p class="quiet" aria-busy="true">
          Looking
        </p>
      ) : (
        <ul class="cards">
          {rows.map((row) => (
            <Device key={row.id} row={row} />
          ))}
        </ul>
      )}
      {rows !== undefined && others === 0 && (
        <p class="empty">
          This page is a device of its own, and knows no other yet.{' '}
          <a href={hrefOf({ at: 'pair' })}>Pair it with one</a>.
        </p>
      )}
    </div>
  )
}

function Device({ row }: { readonly row: DeviceRow }) {
  const facts = [
    row.platform,
    row.role,
    row.trust >= 1 ? undefined : row.trust > 0.5 ? 'introduced' : 'guest',
    row.self ? undefined : `since ${ago(row.addedAt, Date.now())}`,
  ].filter((each) => each !== undefined && each !== '')
  return (
    <li class="card device">
      <div class="line">
        <h2>{row.name}</h2>
        <span class={`state ${row.state}`}>
          <Dot state={row.state} />
          {standing(row)}
        </span>
      </div>
      <p class="quiet">{facts.join(' · ')}</p>
      {row.state !== 'connected' && row.trouble && (
        <p class="trouble">
          {row.trouble.message}
          {row.trouble.hint === undefined ? '' : `: ${row.trouble.hint}`}
        </p>
      )}
      <p class="quiet">
        Key <code>{row.short}</code>
      </p>
    </li>
  )
}
