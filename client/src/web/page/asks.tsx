/** What other devices ask this page for, above every screen: nothing is accepted by itself (rule WB18). */
import type { HandoffRow } from '../../core/mesh-api.ts'
import { atTime } from './format.ts'
import { nameOf } from './sessions.tsx'
import type { PageState } from './state.ts'

export function Asks({ state }: { readonly state: PageState }) {
  const open = state.handoffs.value.filter(({ waitsForUs }) => waitsForUs)
  return (
    <section class="asks" aria-label="Requests" aria-live="polite">
      {open.map((row) => (
        <Ask key={row.id} state={state} row={row} />
      ))}
    </section>
  )
}

function Ask({ state, row }: { readonly state: PageState; readonly row: HandoffRow }) {
  const answer = (accept: boolean) =>
    void state.attempt(() => state.mesh.handoffs.answer(row.id, accept))
  return (
    <div class="ask">
      <p>
        <b>{nameOf(state.devices.value ?? [], row.askedBy)}</b> {wordsFor(state, row)}{' '}
        <span class="quiet">It waits until {atTime(row.expiresAt)}.</span>
      </p>
      <p class="choices">
        <button type="button" class="chip main" onClick={() => answer(true)}>
          Accept
        </button>
        <button type="button" class="chip" onClick={() => answer(false)}>
          Decline
        </button>
      </p>
    </div>
  )
}

function wordsFor(state: PageState, { kind, from, title }: HandoffRow): string {
  const name = title === undefined ? 'a session' : `“${title}”`
  const ours = from === state.mesh.self
  switch (kind) {
    case 'transfer':
      return ours ? `wants to go on with ${name}: it moves there.` : `hands ${name} to this page.`
    case 'mirror':
      return ours ? `wants to write along in ${name}.` : `lets this page write along in ${name}.`
    default:
      return ours ? `wants to read along in ${name}.` : `lets this page read along in ${name}.`
  }
}
