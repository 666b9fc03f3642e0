/** What two devices wrote without seeing each other, side by side, with a choice (rule WB21). */
import { cleanLines } from '@baton/shared/clean-text'
import type { Value } from '@baton/shared/encoding/msgpack'
import type { SessionId } from '@baton/shared/ids'
import { useSignal } from '@preact/signals'
import type { ConflictRow, Settling } from '../../core/mesh-api.ts'
import { ago } from './format.ts'
import { nameOf } from './sessions.tsx'
import type { PageState } from './state.ts'
import { w } from './words/words.ts'

interface ConflictsProps {
  readonly state: PageState
  readonly session: SessionId
  readonly conflicts: readonly ConflictRow[]
}

export function Conflicts({ state, session, conflicts }: ConflictsProps) {
  return (
    <section aria-labelledby="conflicts">
      <h2 id="conflicts">{w().conflicts.title}</h2>
      <p class="quiet">{w().conflicts.what}</p>
      {conflicts.map((row) => (
        <Conflict key={row.id} state={state} session={session} row={row} />
      ))}
    </section>
  )
}

function Conflict(props: Omit<ConflictsProps, 'conflicts'> & { readonly row: ConflictRow }) {
  const { state, session, row } = props
  const { id, kind, path, strategy, sides, shown } = row
  const t = w().conflicts
  const own = useSignal<string | undefined>(undefined)
  const settle = (settling: Settling) =>
    void state.attempt(() => state.mesh.settle(session, id, settling))
  const name = path.map((each) => words(each, 80)).join(' › ')
  return (
    <section class="card conflict" aria-label={name}>
      <div class="line">
        <h3>{name}</h3>
        <span class="state">{t.strategies[strategy]}</span>
      </div>
      <ul class="sides">
        {sides.map((side, i) => (
          <li key={`${side.device} ${side.at}`}>
            <p class="quiet">
              {nameOf(state.devices.value ?? [], side.device)}, {ago(side.at, Date.now())}
              {same(side.value, shown) && <span class="badge">{t.meanwhile}</span>}
            </p>
            <pre>{textOf(side.value)}</pre>
            <button type="button" class="chip" onClick={() => settle({ by: 'side', side: i })}>
              {t.use}
            </button>
          </li>
        ))}
      </ul>
      {kind === 'field' && strategy !== 'user_choice' && own.value === undefined && (
        <p>
          <button
            type="button"
            class="plain"
            onClick={() => {
              own.value = typeof shown === 'string' ? shown : (JSON.stringify(shown) ?? '')
            }}
          >
            {t.another}
          </button>
        </p>
      )}
      {own.value !== undefined && (
        <form
          class="own"
          onSubmit={(event) => {
            event.preventDefault()
            settle({ by: 'value', value: valueFrom(own.value ?? '', shown) })
          }}
        >
          <label for={`own-${id}`}>{t.own}</label>
          <input
            id={`own-${id}`}
            type="text"
            maxLength={10_000}
            value={own.value}
            onInput={({ currentTarget }) => {
              own.value = currentTarget.value
            }}
          />
          <button type="submit" class="chip">
            {t.use}
          </button>
        </form>
      )}
    </section>
  )
}

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b)

const words = (text: string, most: number): string => cleanLines(text, most) ?? ''

/** As people read it: a text as it is, anything else as JSON. */
function textOf(value: Value | undefined): string {
  if (value === undefined) return w().conflicts.deleted
  if (typeof value === 'string') return words(value, 4_000)
  return words(JSON.stringify(value, null, 2) ?? '', 4_000)
}

/** A text stays one where a text was shown; elsewhere JSON is meant, if it is JSON. */
function valueFrom(text: string, shown: Value | undefined): Value {
  if (typeof shown === 'string') return text
  try {
    return JSON.parse(text) as Value
  } catch {
    return text
  }
}
