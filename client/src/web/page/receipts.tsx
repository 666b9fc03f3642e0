/** What was handed over, in words that both devices signed (rule WB20). */
import type { ReceiptRow } from '../../core/mesh-api.ts'
import { ago, bytes } from './format.ts'
import { nameOf } from './sessions.tsx'
import type { PageState } from './state.ts'
import { w } from './words/words.ts'

export function Receipts({
  state,
  receipts,
}: {
  readonly state: PageState
  readonly receipts: readonly ReceiptRow[]
}) {
  return (
    <section aria-labelledby="receipts">
      <h2 id="receipts">{w().receipts.title}</h2>
      {receipts.length === 0 ? (
        <p class="quiet">{w().receipts.none}</p>
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
  const t = w().receipts
  const devices = state.devices.value ?? []
  const name = (id: string) => (id === state.mesh.self ? w().frame.thisPage : nameOf(devices, id))
  const both = row.signedBy.length === 2
  return (
    <li class="card device receipt">
      <div class="line">
        <h3>{t.way(name(row.from), name(row.to))}</h3>
        <span class={`state ${both ? 'good' : ''}`}>{both ? t.both : t.one}</span>
      </div>
      <p class="quiet">
        {[
          fateOf(row),
          w().sessions.records(row.records),
          bytes(row.bytes),
          ago(row.at, Date.now()),
        ].join(' · ')}
      </p>
      <p class="quiet">
        {t.digest} <code>{row.digest.slice(0, 16)}</code>
      </p>
    </li>
  )
}

/** What the receiver said it did with it. */
function fateOf({ placed, unplaced, merged, epoch }: ReceiptRow): string {
  const t = w().receipts
  if (epoch !== undefined) return t.epoch(epoch)
  if (merged === 'extended') return t.extended
  if (merged === 'beside') return t.beside
  if (unplaced !== undefined) return t.unplaced
  return placed === undefined ? t.reading : t.placed
}
