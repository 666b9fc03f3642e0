/** The sessions this page holds: found by what they are called, where they are from, and their agent. */
import { useSignal } from '@preact/signals'
import type { DeviceRow, SessionRow } from '../../core/mesh-api.ts'
import { Dialog } from './dialog.tsx'
import { ago, bytes, plural } from './format.ts'
import { hrefOf, type Place } from './route.ts'
import type { PageState } from './state.ts'

interface SessionsProps {
  readonly state: PageState
  readonly place: Place
}

export function SessionsScreen({ state, place }: SessionsProps) {
  const wanted = useSignal('')
  const beginning = useSignal(false)
  const rows = state.sessions.value
  const devices = state.devices.value
  if (rows === undefined || devices === undefined) {
    return (
      <div class="page">
        <h1>Sessions</h1>
        <p class="quiet" aria-busy="true">
          Looking
        </p>
      </div>
    )
  }
  const shown = rows.filter((row) => fits(row, wanted.value, nameOf(devices, row.origin)))
  return (
    <div class="page">
      <div class="line">
        <h1>Sessions</h1>
        <button
          type="button"
          class="chip"
          onClick={() => {
            beginning.value = true
          }}
        >
          Begin one
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
              <span class="unseen">Find a session</span>
              <input
                type="search"
                placeholder="Find by title, project or device"
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
          {shown.length === 0 && <p class="empty">No session is called like that.</p>}
        </>
      )}
    </div>
  )
}

function Begin({ state, place, onClose }: SessionsProps & { onClose(): void }) {
  const title = useSignal('')
  const begin = () =>
    state.attempt(async () => {
      const name = title.value.trim()
      const session = await state.mesh.driven.create(name === '' ? {} : { title: name })
      onClose()
      place.go({ at: 'session', session })
    })
  return (
    <Dialog title="Begin a session" onClose={onClose}>
      <form
        class="own"
        onSubmit={(event) => {
          event.preventDefault()
          void begin()
        }}
      >
        <label for="title">What it is about</label>
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
        <p class="quiet">
          This page holds it. Handed over to a device with an agent, that one goes on with it there.
        </p>
        <p class="choices">
          <button type="submit">Begin</button>
          <button type="button" class="plain" onClick={onClose}>
            Cancel
          </button>
        </p>
      </form>
    </Dialog>
  )
}

/** Characters, as everywhere. */
const maxTitle = 200

function Session({ row, devices }: { row: SessionRow; devices: readonly DeviceRow[] }) {
  const from = nameOf(devices, row.origin)
  return (
    <li class="card session">
      <a href={hrefOf({ at: 'session', session: row.id ?? row.agentSession })}>
        <h2>{row.title ?? 'A session without a title'}</h2>
        <p class="quiet">
          {[
            `from ${from}`,
            row.agent,
            row.records === undefined ? undefined : plural(row.records, 'record'),
            bytes(row.bytes),
            row.modified > 0 ? ago(row.modified, Date.now()) : undefined,
          ]
            .filter((each) => each !== undefined)
            .join(' · ')}
        </p>
        {row.project !== undefined && <p class="quiet path">{row.project}</p>}
        {row.branches.length > 0 && (
          <p class="badge">{plural(row.branches.length, 'branch', 'branches')} beside it</p>
        )}
      </a>
    </li>
  )
}

function Empty({ devices }: { readonly devices: readonly DeviceRow[] }) {
  const others = devices.filter((row) => !row.self && row.state !== 'removed')
  const [first] = others
  if (!first) {
    return (
      <div class="empty">
        <p>This page is one of your devices. It holds no session yet, and knows no other device.</p>
        <p>
          <a class="button" href={hrefOf({ at: 'pair' })}>
            Pair it by a code
          </a>
        </p>
      </div>
    )
  }
  const self = devices.find((row) => row.self)
  return (
    <div class="empty">
      <p>
        Paired with {others.map((row) => row.name).join(', ')}. Nothing is handed over by itself: on{' '}
        {first.name} run
      </p>
      <pre>
        <code>baton send --to {self?.short ?? 'this'}</code>
      </pre>
      <p>and choose a session. It opens here as soon as all of it has come and is verified.</p>
    </div>
  )
}

export const nameOf = (devices: readonly DeviceRow[], id: string): string =>
  devices.find((row) => row.id === id)?.name ?? 'a device that is gone'

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
