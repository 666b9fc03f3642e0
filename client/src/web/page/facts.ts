/**
 * What stands around a session: who holds it, what waits in its inbox, what conflicts, what does not
 * count, and its receipts. Read anew after a change, at most every 250 ms.
 */

import type { SessionId } from '@baton/shared/ids'
import type { UiState } from '@baton/shared/model/agent/schema'
import { type ReadonlySignal, signal } from '@preact/signals'
import type {
  BesideRow,
  ConflictRow,
  HiddenRow,
  HoldingRow,
  InputRow,
  ReceiptRow,
} from '../../core/mesh-api.ts'
import type { PageMesh } from '../../core/tabs/page-mesh.ts'
import { modeNow, watchMode } from '../tabs/mode.ts'

export interface Facts {
  /** Undefined for a transcript: it is copied, and does not change hands. */
  readonly holding: HoldingRow | undefined
  readonly inputs: readonly InputRow[]
  readonly beside: readonly BesideRow[]
  readonly conflicts: readonly ConflictRow[]
  readonly hidden: readonly HiddenRow[]
  /** Of all that is held of it, to be compared with another device; undefined for a transcript. */
  readonly digest: string | undefined
  /** How it is shown in the mode of this page; undefined for a transcript. */
  readonly ui: UiState | undefined
  /** The newest first. */
  readonly receipts: readonly ReceiptRow[]
}

export interface FactsWatch {
  /** Undefined until they were read once. */
  readonly facts: ReadonlySignal<Facts | undefined>
  refresh(): void
  stop(): void
}

const restMs = 250

/** `driven`: every word of it goes through Baton; otherwise it is an agent's transcript. */
export function watchFacts(mesh: PageMesh, session: SessionId, driven: boolean): FactsWatch {
  const facts = signal<Facts | undefined>(undefined)
  let stopped = false
  let reading = false
  let again = false
  let unwatch = () => {}

  async function read(): Promise<void> {
    if (reading || stopped) {
      again = true
      return
    }
    reading = true
    again = false
    try {
      const next = await factsOf(mesh, session, driven)
      if (!stopped) facts.value = next
    } catch {
      // The store is gone: the page says so by itself.
    }
    setTimeout(() => {
      reading = false
      if (again) void read()
    }, restMs)
  }

  const off = mesh.watch(({ kind }) => {
    if (kind !== 'device') void read()
  })
  void read()
  const unmode = watchMode(() => void read())
  if (driven) {
    // What it may not say there, it shows all the same.
    mesh.modes.enter(session, modeNow()).catch(() => {})
    mesh.documents.open(session).then(
      (document) => {
        if (!stopped) unwatch = document.watch(() => void read())
      },
      () => {},
    )
  }
  return {
    facts,
    refresh: () => void read(),
    stop() {
      stopped = true
      off()
      unmode()
      unwatch()
    },
  }
}

async function factsOf(mesh: PageMesh, session: SessionId, driven: boolean): Promise<Facts> {
  const { handoffs, documents } = mesh
  const document = driven ? await documents.open(session).catch(() => undefined) : undefined
  const [holding, inputs, beside, conflicted, hidden, receipts, digest, ui] = await Promise.all([
    driven ? handoffs.holding(session).catch(() => undefined) : undefined,
    document?.inputs() ?? [],
    driven ? handoffs.beside(session).catch(() => []) : [],
    driven ? mesh.conflicts(session).catch(() => []) : [],
    mesh.hidden(session).catch(() => []),
    mesh.receipts(),
    document?.digest(),
    driven ? mesh.modes.ui(session, modeNow()).catch(() => undefined) : undefined,
  ])
  return {
    holding,
    inputs,
    beside,
    conflicts: conflicted.flatMap(({ conflicts }) => conflicts),
    hidden,
    digest,
    ui,
    receipts: receipts.filter((row) => row.session === session).sort((a, b) => b.at - a.at),
  }
}
