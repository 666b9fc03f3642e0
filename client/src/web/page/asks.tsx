/** What other devices ask this page for, above every screen: nothing is accepted by itself (rule WB18). */
import type { HandoffRow } from '../../core/mesh-api.ts'
import { atTime } from './format.ts'
import { nameOf } from './sessions.tsx'
import type { PageState } from './state.ts'
import { w } from './words/words.ts'

export function Asks({ state }: { readonly state: PageState }) {
  const open = state.handoffs.value.filter(({ waitsForUs }) => waitsForUs)
  return (
    <section class="asks" aria-label={w().asks.label} aria-live="polite">
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
        <span class="quiet">{w().asks.until(atTime(row.expiresAt))}</span>
      </p>
      <p class="choices">
        <button type="button" class="chip main" onClick={() => answer(true)}>
          {w().asks.accept}
        </button>
        <button type="button" class="chip" onClick={() => answer(false)}>
          {w().asks.decline}
        </button>
      </p>
    </div>
  )
}

function wordsFor(state: PageState, { kind, from, title }: HandoffRow): string {
  const t = w().asks
  const name = title === undefined ? t.aSession : t.named(title)
  const ours = from === state.mesh.self
  switch (kind) {
    case 'transfer':
      return ours ? t.goOn(name) : t.comes(name)
    case 'mirror':
      return ours ? t.writes(name) : t.lets(name)
    default:
      return ours ? t.reads(name) : t.letsRead(name)
  }
}
