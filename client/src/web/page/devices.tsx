/** The devices: this page and those it is paired with, how each stands, renaming and removing them. */
import { useSignal } from '@preact/signals'
import type { DeviceRow } from '../../core/mesh-api.ts'
import { Dialog } from './dialog.tsx'
import { ago, plural, standing } from './format.ts'
import { Dot } from './parts.tsx'
import { hrefOf } from './route.ts'
import type { PageState } from './state.ts'

export function DevicesScreen({ state }: { readonly state: PageState }) {
  const rows = state.devices.value
  const others = rows?.filter((row) => !row.self).length ?? 0
  return (
    <div class="page">
      <div class="line">
        <h1>Devices</h1>
        <a class="button chip" href={hrefOf({ at: 'pair' })}>
          Pair another
        </a>
      </div>
      {rows === undefined ? (
        <p class="quiet" aria-busy="true">
          Looking
        </p>
      ) : (
        <ul class="cards">
          {rows.map((row) => (
            <Device key={row.id} state={state} row={row} />
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

function Device({ state, row }: { readonly state: PageState; readonly row: DeviceRow }) {
  const renaming = useSignal(false)
  const removing = useSignal(false)
  const gone = row.state === 'removed'
  const facts = [
    row.platform,
    row.role,
    row.trust >= 1 ? undefined : row.trust > 0.5 ? 'introduced' : 'guest',
    row.self ? undefined : `since ${ago(row.addedAt, Date.now())}`,
    row.lastSeen === undefined || row.self || row.state === 'connected'
      ? undefined
      : `last seen ${ago(row.lastSeen, Date.now())}`,
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
        Key <code>{row.short}</code>
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
            Rename<span class="unseen"> {row.name}</span>
          </button>
          {!row.self && (
            <button
              type="button"
              class="plain"
              onClick={() => {
                removing.value = true
              }}
            >
              Remove<span class="unseen"> {row.name}</span>
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
  const watching = presence.filter((each) => each.watching).length
  const writing = presence.some((each) => each.writing)
  return [
    watching > 0 ? `somebody there watches ${plural(watching, 'session')}` : '',
    writing ? 'a message is being written there' : '',
  ]
    .filter((each) => each !== '')
    .join(' · ')
}

interface AskProps {
  readonly state: PageState
  readonly row: DeviceRow
  onClose(): void
}

const maxName = 64

function Rename({ state, row, onClose }: AskProps) {
  const name = useSignal(row.name)
  return (
    <Dialog title={`Rename ${row.name}`} onClose={onClose}>
      <form
        class="own"
        onSubmit={async (event) => {
          event.preventDefault()
          if (await state.attempt(() => state.mesh.rename(row.id, name.value.trim()))) onClose()
        }}
      >
        <label for="name">Its name, on all your devices</label>
        <input
          id="name"
          type="text"
          autoComplete="off"
          maxLength={maxName}
          value={name.value}
          onInput={({ currentTarget }) => {
            name.value = currentTarget.value
          }}
        />
        <p class="choices">
          <button type="submit" aria-disabled={name.value.trim() === ''}>
            Rename
          </button>
          <button type="button" class="plain" onClick={onClose}>
            Cancel
          </button>
        </p>
      </form>
    </Dialog>
  )
}

function Remove({ state, row, onClose }: AskProps) {
  return (
    <Dialog title={`Remove ${row.name}?`} onClose={onClose}>
      <p>
        For a device that is lost, stolen or given away, and for good: no device of yours connects
        to it again, and what it wrote that this page does not hold counts nowhere.
      </p>
      <p class="quiet">
        What it holds already it keeps. It can be paired again only as a new device.
      </p>
      <p class="choices">
        <button
          type="button"
          class="grave"
          onClick={async () => {
            await state.attempt(() => state.mesh.remove(row.id))
            onClose()
          }}
        >
          Remove it for good
        </button>
        <button type="button" class="plain" onClick={onClose}>
          Keep it
        </button>
      </p>
    </Dialog>
  )
}
