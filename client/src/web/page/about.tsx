/** What stands around a session: who holds it, conflicts, branches, what does not count, receipts. */
import type { SessionId } from '@baton/shared/ids'
import type { HandoffRow, SessionRow } from '../../core/mesh-api.ts'
import { Branches } from './branches.tsx'
import { Conflicts } from './conflicts.tsx'
import { Copying } from './copying.tsx'
import type { Facts } from './facts.ts'
import { ago, bytes, plural } from './format.ts'
import { Hidden } from './hidden.tsx'
import { Holding } from './holding.tsx'
import { Icon } from './parts.tsx'
import { Receipts } from './receipts.tsx'
import { hrefOf, type Place } from './route.ts'
import { rowOf, type SessionProps, useFacts } from './session.tsx'
import { nameOf } from './sessions.tsx'
import { Shown } from './shown.tsx'
import type { PageState } from './state.ts'

export function AboutScreen(props: SessionProps & { readonly place: Place }) {
  const { state, place } = props
  const row = rowOf(props)
  const facts = useFacts(state, row)
  const devices = state.devices.value ?? []
  const shared = row?.sharedWith.map((id) => nameOf(devices, id)) ?? []
  return (
    <div class="page about">
      <header class="line">
        <a class="back" href={hrefOf({ at: 'session', session: props.session })}>
          <Icon name="back" />
          <span class="unseen">Back to the session</span>
        </a>
        <h1>{row?.title ?? 'Session'}</h1>
      </header>
      {row === undefined && state.sessions.value !== undefined && (
        <p class="empty">This page holds no such session.</p>
      )}
      {row && (
        <p class="quiet">
          {[
            `from ${nameOf(devices, row.origin)}`,
            row.holder === undefined ? undefined : `held by ${nameOf(devices, row.holder)}`,
            row.records === undefined ? undefined : plural(row.records, 'record'),
            bytes(row.bytes),
            row.modified > 0 ? `changed ${ago(row.modified, Date.now())}` : undefined,
            shared.length > 0 ? `shared with ${shared.join(', ')}` : undefined,
          ]
            .filter((each) => each !== undefined)
            .join(' · ')}
        </p>
      )}
      {row && facts === undefined && (
        <p class="quiet" aria-busy="true">
          Looking
        </p>
      )}
      {row?.id !== undefined && facts && (
        <>
          {isTranscript(row) && <Copying state={state} session={row.id} />}
          {row.branches.length > 0 && <Files state={state} row={row} />}
          <Parts state={state} place={place} session={row.id} facts={facts} />
        </>
      )}
    </div>
  )
}

/** An agent's own: it is copied, and does not change hands. */
const isTranscript = ({ driven, agent }: SessionRow): boolean =>
  driven !== true && agent !== 'browser' && agent !== 'federation'

/** Branches of a transcript: what agents elsewhere appended, and nobody merged yet. */
function Files({ state, row }: { readonly state: PageState; readonly row: SessionRow }) {
  const session = row.id ?? row.agentSession
  return (
    <section aria-labelledby="files">
      <h2 id="files">Branches</h2>
      <ul class="cards">
        {row.branches.map(({ name, device, records, modified }) => (
          <li key={name} class="card session">
            <a href={hrefOf({ at: 'session', session, branch: name })}>
              <h3>{name}</h3>
              <p class="quiet">
                by {nameOf(state.devices.value ?? [], device)} · {plural(records, 'record')} ·{' '}
                {ago(modified, Date.now())}
              </p>
            </a>
          </li>
        ))}
      </ul>
    </section>
  )
}

interface PartsProps {
  readonly state: PageState
  readonly place: Place
  readonly session: SessionId
  readonly facts: Facts
}

function Parts({ state, place, session, facts }: PartsProps) {
  const { holding, conflicts, beside, hidden, receipts } = facts
  const asked = state.handoffs.value.filter((row) => row.session === session)
  return (
    <>
      {holding?.held && <Holding state={state} session={session} holding={holding} />}
      {conflicts.length > 0 && <Conflicts state={state} session={session} conflicts={conflicts} />}
      {beside.length > 0 && (
        <Branches state={state} place={place} session={session} beside={beside} />
      )}
      {hidden.length > 0 && <Hidden state={state} session={session} hidden={hidden} />}
      {asked.length > 0 && <Requests state={state} rows={asked} />}
      <Receipts state={state} receipts={receipts} />
      {facts.ui && <Shown state={state} session={session} ui={facts.ui} />}
      {facts.digest !== undefined && (
        <p class="quiet">
          Digest of all that this page holds of it <code>{facts.digest.slice(0, 16)}</code>: the
          same where another device holds the same.
        </p>
      )}
    </>
  )
}

const maxShown = 20

function Requests({
  state,
  rows,
}: {
  readonly state: PageState
  readonly rows: readonly HandoffRow[]
}) {
  const devices = state.devices.value ?? []
  const name = (id: string) => (id === state.mesh.self ? 'this page' : nameOf(devices, id))
  return (
    <section aria-labelledby="requests">
      <h2 id="requests">Requests</h2>
      <ul class="cards">
        {rows.slice(0, maxShown).map((row) => (
          <li key={row.id} class="card device">
            <div class="line">
              <h3>
                {kinds[row.kind]} from {name(row.from)} to {name(row.to)}
              </h3>
              <span class="state">{row.waitsForUs ? 'waits for you' : states[row.state]}</span>
            </div>
            <p class="quiet">
              asked by {name(row.askedBy)}, {ago(row.at, Date.now())}
            </p>
            {row.state === 'pending' && !row.waitsForUs && (
              <p>
                <button
                  type="button"
                  class="plain"
                  onClick={() => void state.attempt(() => state.mesh.handoffs.cancel(row.id))}
                >
                  Call it off
                </button>
              </p>
            )}
          </li>
        ))}
      </ul>
    </section>
  )
}

const kinds: Readonly<Record<HandoffRow['kind'], string>> = {
  transfer: 'Move',
  mirror: 'Writing along',
  observe: 'Reading along',
}

const states: Readonly<Record<HandoffRow['state'], string>> = {
  pending: 'waits for an answer',
  accepted: 'on its way',
  active: 'done',
  declined: 'declined',
  expired: 'nobody answered',
  cancelled: 'called off',
  failed: 'failed',
}
