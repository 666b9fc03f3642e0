/** The sessions this page holds: found by what they are called, where they are from, and their agent. */
import { useSignal } from '@preact/signals'
import type { DeviceRow, SessionRow } from '../../core/mesh-api.ts'
import { Dialog } from './dialog.tsx'
import { ago, bytes } from './format.ts'
import { hrefOf, type Place } from './route.ts'
import type { PageState } from './state.ts'
import { w } from './words/words.ts'

interface SessionsProps {
  readonly state: PageState
  readonly place: Place
}

export function SessionsScreen({ state, place }: SessionsProps) {
  const t = w().sessions
  const wanted = useSignal('')
  const beginning = useSignal(false)
  const rows = state.sessions.value
  const devices = state.devices.value
  if (rows === undefined || devices === undefined) {
    return (
      <div class="page">
        <h1>{t.title}</h1>
        <p class="quiet" aria-busy="true">
          {w().frame.wait}
        </p>
      </div>
    )
  }
  const shown = rows.filter((row) => fits(row, wanted.value, nameOf(devices, row.origin)))
  return (
    <div class="page">
      <div class="line">
        <h1>{t.title}</h1>
        <button
          type="button"
          class="chip"
          onClick={() => {
            beginning.value = true
          }}
        >
          {t.begin}
        </button>
      </div>
      {beginning.value && (
        <Begin
          state={state}
          place={place}
          onClose={() => {
            beginning.value = false
          }}
        />
      )}
      {rows.length === 0 ? (
        <Empty devices={devices} />
      ) : (
        <>
          {rows.length > 5 && (
            <label class="find">
              <span class="unseen">{t.find}</span>
              <input
                type="search"
                placeholder={t.findBy}
                value={wanted.value}
                onInput={(event) => {
                  wanted.value = event.currentTarget.value
                }}
              />
            </label>
          )}
          <ul class="cards">
            {shown.map((row) => (
              <Session key={row.id ?? row.agentSession} row={row} devices={devices} />
            ))}
          </ul>
          {shown.length === 0 && <p class="empty">{t.none}</p>}
        </>
      )}
    </div>
  )
}

function Begin({ state, place, onClose }: SessionsProps & { onClose(): void }) {
  const t = w().sessions
  const title = useSignal('')
  const begin = () =>
    state.attempt(async () => {
      const name = title.value.trim()
      const session = await state.mesh.driven.create(name === '' ? {} : { title: name })
      onClose()
      place.go({ at: 'session', session })
    })
  return (
    <Dialog title={t.beginTitle} onClose={onClose}>
      <form
        class="own"
        onSubmit={(event) => {
          event.preventDefault()
          void begin()
        }}
      >
        <label for="title">{t.about}</label>
        <input
          id="title"
          type="text"
          autoComplete="off"
          maxLength={maxTitle}
          value={title.value}
          onInput={({ currentTarget }) => {
            title.value = currentTarget.value
          }}
        />
        <p class="quiet">{t.beginNote}</p>
        <p class="choices">
          <button type="submit">{t.beginNow}</button>
          <button type="button" class="plain" onClick={onClose}>
            {w().frame.cancel}
          </button>
        </p>
      </form>
    </Dialog>
  )
}

/** Characters, as everywhere. */
const maxTitle = 200

function Session({ row, devices }: { row: SessionRow; devices: readonly DeviceRow[] }) {
  const t = w().sessions
  const from = nameOf(devices, row.origin)
  return (
    <li class="card session">
      <a href={hrefOf({ at: 'session', session: row.id ?? row.agentSession })}>
        <h2>{row.title ?? t.untitled}</h2>
        <p class="quiet">
          {[
            t.from(from),
            row.agent,
            row.records === undefined ? undefined : t.records(row.records),
            bytes(row.bytes),
            row.modified > 0 ? ago(row.modified, Date.now()) : undefined,
          ]
            .filter((each) => each !== undefined)
            .join(' · ')}
        </p>
        {row.project !== undefined && <p class="quiet path">{row.project}</p>}
        {row.branches.length > 0 && <p class="badge">{t.branches(row.branches.length)}</p>}
      </a>
    </li>
  )
}

function Empty({ devices }: { readonly devices: readonly DeviceRow[] }) {
  const t = w().sessions
  const others = devices.filter((row) => !row.self && row.state !== 'removed')
  const [first] = others
  if (!first) {
    return (
      <div class="empty">
        <p>{t.empty}</p>
        <p>
          <a class="button" href={hrefOf({ at: 'pair' })}>
            {t.pairIt}
          </a>
        </p>
      </div>
    )
  }
  const self = devices.find((row) => row.self)
  return (
    <div class="empty">
      <p>{t.pairedWith(others.map((row) => row.name).join(', '), first.name)}</p>
      <pre>
        <code>baton send --to {self?.short ?? 'this'}</code>
      </pre>
      <p>{t.choose}</p>
    </div>
  )
}

export const nameOf = (devices: readonly DeviceRow[], id: string): string =>
  devices.find((row) => row.id === id)?.name ?? w().frame.goneDevice

function fits(
  { title = '', project = '', agent }: SessionRow,
  wanted: string,
  from: string,
): boolean {
  const text = `${title} ${project} ${agent} ${from}`.toLowerCase()
  return wanted
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word))
}
