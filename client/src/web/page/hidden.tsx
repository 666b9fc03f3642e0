/** What does not count of a session, with its reason, and taking it over (rule WB23). */
import { cleanText } from '@baton/shared/clean-text'
import type { SessionId } from '@baton/shared/ids'
import type { HiddenRow } from '../../core/mesh-api.ts'
import { ago } from './format.ts'
import { nameOf } from './sessions.tsx'
import type { PageState } from './state.ts'
import { w } from './words/words.ts'

/** More than anybody reads; all of them can be taken over at once. */
const maxShown = 50

export function Hidden(props: {
  readonly state: PageState
  readonly session: SessionId
  readonly hidden: readonly HiddenRow[]
}) {
  const { state, session, hidden } = props
  const t = w().hidden
  const open = hidden.filter(({ taken }) => !taken)
  const adopt = (what: HiddenRow | 'all') =>
    void state.attempt(() =>
      state.mesh.adopt(session, what === 'all' ? what : { log: what.log, seq: what.seq }),
    )
  return (
    <section aria-labelledby="hidden">
      <h2 id="hidden">{t.title}</h2>
      <ul class="cards">
        {hidden.slice(0, maxShown).map((row) => (
          <li key={row.id} class="card device">
            <div class="line">
              <h3>{[row.kind, ...row.about].map((each) => cleanText(each, 80)).join(' › ')}</h3>
              <span class="state">{row.taken ? t.taken : ''}</span>
            </div>
            <p class="quiet">
              {w().about.by(nameOf(state.devices.value ?? [], row.device))}
              {row.at === undefined ? '' : `, ${ago(row.at, Date.now())}`} · {t.reasons[row.reason]}
            </p>
            {!row.taken && (
              <p>
                <button type="button" class="plain" onClick={() => adopt(row)}>
                  {t.adopt}
                </button>
              </p>
            )}
          </li>
        ))}
      </ul>
      {hidden.length > maxShown && (
        <p class="quiet">{t.more((hidden.length - maxShown).toLocaleString(w().language))}</p>
      )}
      {open.length > 1 && (
        <p>
          <button type="button" class="chip" onClick={() => adopt('all')}>
            {t.adoptAll}
          </button>
        </p>
      )}
    </section>
  )
}
