/** What was said beside a session's history, and going on with it in a session of its own (rule WB22). */
import type { SessionId } from '@baton/shared/ids'
import type { BesideRow } from '../../core/mesh-api.ts'
import { ago } from './format.ts'
import type { Place } from './route.ts'
import { nameOf } from './sessions.tsx'
import type { PageState } from './state.ts'
import { w } from './words/words.ts'

export function Branches(props: {
  readonly state: PageState
  readonly place: Place
  readonly session: SessionId
  readonly beside: readonly BesideRow[]
}) {
  const { state, place, session, beside } = props
  const goOn = ({ device, epoch }: BesideRow) =>
    void state.attempt(async () => {
      const made = await state.mesh.handoffs.branchOff(session, { device, epoch })
      place.go({ at: 'session', session: made })
    })
  return (
    <section aria-labelledby="branches">
      <h2 id="branches">{w().beside.title}</h2>
      <p class="quiet">{w().beside.what}</p>
      <ul class="cards">
        {beside.map((row) => (
          <li key={`${row.device} ${row.epoch}`} class="card device">
            <h3>
              {w().beside.messagesOf(row.messages, nameOf(state.devices.value ?? [], row.device))}
            </h3>
            <p class="quiet">
              {w().beside.reasons[row.reason]} · {ago(row.to, Date.now())}
            </p>
            <p>
              <button type="button" class="chip" onClick={() => goOn(row)}>
                {w().beside.goOn}
              </button>
            </p>
          </li>
        ))}
      </ul>
    </section>
  )
}
