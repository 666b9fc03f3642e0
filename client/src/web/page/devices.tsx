/** The devices: this page and those it is paired with, how each stands, renaming and removing them. */
import { useSignal } from '@preact/signals'
import type { DeviceRow } from '../../core/mesh-api.ts'
import { Remove, Rename, RoleOf } from './device-asks.tsx'
import { ago, standing } from './format.ts'
import { Dot } from './parts.tsx'
import { hrefOf } from './route.ts'
import type { PageState } from './state.ts'
import { w } from './words/words.ts'

export function DevicesScreen({ state }: { readonly state: PageState }) {
  const t = w().devices
  const rows = state.devices.value
  const others = rows?.filter((row) => !row.self).length ?? 0
  return (
    <div class="page">
      <div class="line">
        <h1>{t.title}</h1>
        <a class="button chip" href={hrefOf({ at: 'pair' })}>
          {t.another}
        </a>
      </div>
      {rows === undefined ? (
        <p class="quiet" aria-busy="true">
          {w().frame.wait}
        </p>
      ) : (
        <ul class="cards">
          {rows.map((row) => (
            <Device key={row.id} state={state} row={row} />
          ))}
        </ul>
      )}
      {others > 0 && state.status.value?.self.role === 'member' && <p class="quiet">{t.member}</p>}
      {rows !== undefined && others === 0 && (
        <p class="empty">
          {t.alone} <a href={hrefOf({ at: 'pair' })}>{t.pairIt}</a>.
        </p>
      )}
    </div>
  )
}

function Device({ state, row }: { readonly state: PageState; readonly row: DeviceRow }) {
  const t = w().devices
  const renaming = useSignal(false)
  const removing = useSignal(false)
  const ruling = useSignal(false)
  const gone = row.state === 'removed'
  const admin = state.status.value?.self.role === 'admin'
  const facts = [
    row.platform,
    row.role && t.roles[row.role],
    row.trust >= 1 ? undefined : row.trust > 0.5 ? t.introduced : t.guest,
    row.self ? undefined : t.since(ago(row.addedAt, Date.now())),
    row.lastSeen === undefined || row.self || row.state === 'connected'
      ? undefined
      : t.lastSeen(ago(row.lastSeen, Date.now())),
  ].filter((each) => each !== undefined && each !== '')
  const doing = doingOf(row)
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
      {doing !== '' && <p class="presence">{doing}</p>}
      {row.state !== 'connected' && row.trouble && (
        <p class="trouble">
          {row.trouble.message}
          {row.trouble.hint === undefined ? '' : `: ${row.trouble.hint}`}
        </p>
      )}
      <p class="quiet">
        {t.key} <code>{row.short}</code>
      </p>
      {!gone && row.role !== undefined && (
        <p class="choices">
          <button
            type="button"
            class="plain"
            onClick={() => {
              renaming.value = true
            }}
          >
            {t.rename}
            <span class="unseen"> {row.name}</span>
          </button>
          {admin && (
            <button
              type="button"
              class="plain"
              onClick={() => {
                ruling.value = true
              }}
            >
              {t.role}
              <span class="unseen">{t.ofName(row.name)}</span>
            </button>
          )}
          {!row.self && admin && (
            <button
              type="button"
              class="plain"
              onClick={() => {
                removing.value = true
              }}
            >
              {t.remove}
              <span class="unseen"> {row.name}</span>
            </button>
          )}
        </p>
      )}
      {renaming.value && (
        <Rename
          state={state}
          row={row}
          onClose={() => {
            renaming.value = false
          }}
        />
      )}
      {ruling.value && (
        <RoleOf
          state={state}
          row={row}
          onClose={() => {
            ruling.value = false
          }}
        />
      )}
      {removing.value && (
        <Remove
          state={state}
          row={row}
          onClose={() => {
            removing.value = false
          }}
        />
      )}
    </li>
  )
}

function doingOf({ presence = [] }: DeviceRow): string {
  const t = w().devices
  const watching = presence.filter((each) => each.watching).length
  const writing = presence.some((each) => each.writing)
  return [watching > 0 ? t.watches(watching) : '', writing ? t.writes : '']
    .filter((each) => each !== '')
    .join(' · ')
}
