/** What was handed over, in words that both devices signed (rule WB20). */
import type { ReceiptRow } from '../../core/mesh-api.ts'
import { ago, bytes, plural } from './format.ts'
import { nameOf } from './sessions.tsx'
import type { PageState } from './state.ts'

export function Receipts({
  state,
  receipts,
}: {
  readonly state: PageState
  readonly receipts: readonly ReceiptRow[]
}) {
  return (
    <section aria-labelledby="receipts">
      <h2 id="receipts">Receipts</h2>
      {receipts.length === 0 ? (
        <p class="quiet">
          None yet: a receipt is kept when it moves, or a copy of it is handed on.
        </p>
      ) : (
        <ul class="cards">
          {receipts.map((row) => (
            <Receipt key={row.id} state={state} row={row} />
          ))}
        </ul>
      )}
    </section>
  )
}

function Receipt({ state, row }: { readonly state: PageState; readonly row: ReceiptRow }) {
  const devices = state.devices.value ?? []
  const name = (id: string) => (id === state.mesh.self ? 'this page' : nameOf(devices, id))
  const both = row.signedBy.length === 2
  return (
    <li class="card device receipt">
      <div class="line">
        <h3>
          From {name(row.from)} to {name(row.to)}
        </h3>
        <span class={`state ${both ? 'good' : ''}`}>
          {both ? 'signed by both' : 'signed by one'}
        </span>
      </div>
      <p class="quiet">
        {[
          fateOf(row),
          plural(row.records, 'record'),
          bytes(row.bytes),
          ago(row.at, Date.now()),
        ].join(' · ')}
      </p>
      <p class="quiet">
        Digest <code>{row.digest.slice(0, 16)}</code>
      </p>
    </li>
  )
}

/** What the receiver said it did with it. */
function fateOf({ placed, unplaced, merged, epoch }: ReceiptRow): string {
  if (epoch !== undefined) return `held there from epoch ${epoch} on`
  if (merged === 'extended') return 'its history goes on with it'
  if (merged === 'beside') return 'it stands beside the history'
  if (unplaced !== undefined) return 'kept there, not placed'
  return placed === undefined ? 'kept there for reading' : 'placed for its agent'
}
