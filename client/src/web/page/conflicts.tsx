/** What two devices wrote without seeing each other, side by side, with a choice (rule WB21). */
import { cleanLines } from '@baton/shared/clean-text'
import type { Value } from '@baton/shared/encoding/msgpack'
import type { SessionId } from '@baton/shared/ids'
import { useSignal } from '@preact/signals'
import type { ConflictRow, Settling } from '../../core/mesh-api.ts'
import { ago } from './format.ts'
import { nameOf } from './sessions.tsx'
import type { PageState } from './state.ts'

interface ConflictsProps {
  readonly state: PageState
  readonly session: SessionId
  readonly conflicts: readonly ConflictRow[]
}

export function Conflicts({ state, session, conflicts }: ConflictsProps) {
  return (
    <section aria-labelledby="conflicts">
      <h2 id="conflicts">Conflicts</h2>
      <p class="quiet">
        Two devices wrote these without seeing each other. What you choose is so on every device.
      </p>
      {conflicts.map((row) => (
        <Conflict key={row.id} state={state} session={session} row={row} />
      ))}
    </section>
  )
}

function Conflict(props: Omit<ConflictsProps, 'conflicts'> & { readonly row: ConflictRow }) {
  const { state, session, row } = props
  const { id, kind, path, strategy, sides, shown } = row
  const own = useSignal<string | undefined>(undefined)
  const settle = (settling: Settling) =>
    void state.attempt(() => state.mesh.settle(session, id, settling))
  const name = path.map((each) => words(each, 80)).join(' › ')
  return (
    <section class="card conflict" aria-label={name}>
      <div class="line">
        <h3>{name}</h3>
        <span class="state">{strategies[strategy]}</span>
      </div>
      <ul class="sides">
        {sides.map((side, i) => (
          <li key={`${side.device} ${side.at}`}>
            <p class="quiet">
              {nameOf(state.devices.value ?? [], side.device)}, {ago(side.at, Date.now())}
              {same(side.value, shown) && <span class="badge">shown meanwhile</span>}
            </p>
            <pre>{textOf(side.value)}</pre>
            <button type="button" class="chip" onClick={() => settle({ by: 'side', side: i })}>
              Use this
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
            Write another
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
          <label for={`own-${id}`}>Another value</label>
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
            Use this
          </button>
        </form>
      )}
    </section>
  )
}

const strategies: Readonly<Record<ConflictRow['strategy'], string>> = {
  timestamp: 'the latest wins meanwhile',
  merge: 'merged meanwhile',
  manual: 'to be settled by hand',
  user_choice: 'one side to be chosen',
}

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b)

const words = (text: string, most: number): string => cleanLines(text, most) ?? ''

/** As people read it: a text as it is, anything else as JSON. */
function textOf(value: Value | undefined): string {
  if (value === undefined) return '(deleted)'
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
