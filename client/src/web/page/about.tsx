/** What stands around a session: who holds it, conflicts, branches, what does not count, receipts. */
import type { SessionId } from '@baton/shared/ids'
import type { HandoffRow, SessionRow } from '../../core/mesh-api.ts'
import { Branches } from './branches.tsx'
import { Conflicts } from './conflicts.tsx'
import { Copying } from './copying.tsx'
import type { Facts } from './facts.ts'
import { ago, bytes } from './format.ts'
import { Hidden } from './hidden.tsx'
import { Holding } from './holding.tsx'
import { Icon } from './parts.tsx'
import { Receipts } from './receipts.tsx'
import { hrefOf, type Place } from './route.ts'
import { rowOf, type SessionProps, useFacts } from './session.tsx'
import { nameOf } from './sessions.tsx'
import { Shown } from './shown.tsx'
import type { PageState } from './state.ts'
import { w } from './words/words.ts'

export function AboutScreen(props: SessionProps & { readonly place: Place }) {
  const { state, place } = props
  const t = w().about
  const row = rowOf(props)
  const facts = useFacts(state, row)
  const devices = state.devices.value ?? []
  const shared = row?.sharedWith.map((id) => nameOf(devices, id)) ?? []
  return (
    <div class="page about">
      <header class="line">
        <a class="back" href={hrefOf({ at: 'session', session: props.session })}>
          <Icon name="back" />
          <span class="unseen">{t.back}</span>
        </a>
        <h1>{row?.title ?? w().session.untitled}</h1>
      </header>
      {row === undefined && state.sessions.value !== undefined && <p class="empty">{t.none}</p>}
      {row && (
        <p class="quiet">
          {[
            w().sessions.from(nameOf(devices, row.origin)),
            row.holder === undefined ? undefined : t.heldBy(nameOf(devices, row.holder)),
            row.records === undefined ? undefined : w().sessions.records(row.records),
            bytes(row.bytes),
            row.modified > 0 ? t.changed(ago(row.modified, Date.now())) : undefined,
            shared.length > 0 ? t.sharedWith(shared.join(', ')) : undefined,
          ]
            .filter((each) => each !== undefined)
            .join(' · ')}
        </p>
      )}
      {row && facts === undefined && (
        <p class="quiet" aria-busy="true">
          {w().frame.wait}
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
      <h2 id="files">{w().about.branches}</h2>
      <ul class="cards">
        {row.branches.map(({ name, device, records, modified }) => (
          <li key={name} class="card session">
            <a href={hrefOf({ at: 'session', session, branch: name })}>
              <h3>{name}</h3>
              <p class="quiet">
                {[
                  w().about.by(nameOf(state.devices.value ?? [], device)),
                  w().sessions.records(records),
                  ago(modified, Date.now()),
                ].join(' · ')}
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
          {w().about.digest} <code>{facts.digest.slice(0, 16)}</code>
          {w().about.digestWhy}
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
  const t = w().about
  const devices = state.devices.value ?? []
  const name = (id: string) => (id === state.mesh.self ? w().frame.thisPage : nameOf(devices, id))
  return (
    <section aria-labelledby="requests">
      <h2 id="requests">{t.requests}</h2>
      <ul class="cards">
        {rows.slice(0, maxShown).map((row) => (
          <li key={row.id} class="card device">
            <div class="line">
              <h3>{t.request(t.kinds[row.kind], name(row.from), name(row.to))}</h3>
              <span class="state">{row.waitsForUs ? t.waitsForYou : t.states[row.state]}</span>
            </div>
            <p class="quiet">{t.askedBy(name(row.askedBy), ago(row.at, Date.now()))}</p>
            {row.state === 'pending' && !row.waitsForUs && (
              <p>
                <button
                  type="button"
                  class="plain"
                  onClick={() => void state.attempt(() => state.mesh.handoffs.cancel(row.id))}
                >
                  {t.callOff}
                </button>
              </p>
            )}
          </li>
        ))}
      </ul>
    </section>
  )
}
