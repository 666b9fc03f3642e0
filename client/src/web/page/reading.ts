/** One session read into items, in pieces that leave the page to draw between them. */
import { type ReadonlySignal, signal } from '@preact/signals'
import type { Mesh } from '../../core/mesh-api.ts'
import { createItems, type Items } from './items.ts'

export interface Reading {
  readonly items: Items
  /** Changes with every piece. */
  readonly count: ReadonlySignal<number>
  readonly at: ReadonlySignal<
    'reading' | 'read' | { readonly message: string; readonly hint?: string }
  >
  stop(): void
}

/** How long the page may be kept from drawing. */
const pieceMs = 12

export function readSession(mesh: Mesh, session: string, all: boolean): Reading {
  const items = createItems(all)
  const count = signal(0)
  const at = signal<Reading['at']['value']>('reading')
  let stopped = false

  async function run(): Promise<void> {
    let since = performance.now()
    for await (const record of mesh.show(session, { whole: true })) {
      if (stopped) return
      items.add(record)
      if (performance.now() - since < pieceMs) continue
      count.value = items.list.length
      await turn()
      since = performance.now()
    }
  }

  run().then(
    () => {
      count.value = items.list.length
      at.value = 'read'
    },
    (error: { readonly message: string; readonly hint?: string }) => {
      at.value = { message: error.message, ...(error.hint ? { hint: error.hint } : {}) }
    },
  )
  return {
    items,
    count,
    at,
    stop() {
      stopped = true
    },
  }
}

const turn = () => new Promise<void>((resolve) => setTimeout(resolve))
