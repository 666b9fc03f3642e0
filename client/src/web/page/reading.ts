/** One session read into items, in pieces that leave the page to draw between them. */
import { type ReadonlySignal, signal } from '@preact/signals'
import type { PageMesh } from '../../core/tabs/page-mesh.ts'
import { createItems, type Item } from './items.ts'
import { createLiveItems } from './live-items.ts'
import { type Problem, problemOf } from './problem.ts'

export interface Reading {
  readonly items: { readonly list: readonly Item[]; readonly hidden: number }
  /** Changes with every piece. */
  readonly turn: ReadonlySignal<number>
  readonly at: ReadonlySignal<'reading' | 'read' | Problem>
  stop(): void
}

/** How long the page may be kept from drawing. */
const pieceMs = 12
/** Once there is a screen to read, the count beside it need not change more often. */
const laterMs = 120
/** Rows that fill a screen. */
const screenRows = 30

/** A transcript, once. `all`: with its bookkeeping. */
export function readSession(
  mesh: PageMesh,
  session: string,
  { all, branch }: { readonly all: boolean; readonly branch?: string | undefined },
): Reading {
  const items = createItems(all)
  const how = { whole: true, ...(branch === undefined ? {} : { branch }) }
  return inPieces(items, mesh.show(session, how), (record) => items.add(record))
}

/** A session that Baton drives: all of it, then what comes. */
export function followSession(mesh: PageMesh, session: string): Reading {
  const { list, add } = createLiveItems()
  const task = mesh.driven.live(session, { last: Number.MAX_SAFE_INTEGER })
  const reading = inPieces({ list, hidden: 0 }, task.events, (event, at) => {
    if (event.at === 'failed') at(problemOf(event))
    else if (event.at === 'now') at('read')
    else add(event)
  })
  return {
    ...reading,
    stop() {
      reading.stop()
      task.cancel()
    },
  }
}

function inPieces<E>(
  items: Reading['items'],
  events: AsyncIterable<E>,
  take: (event: E, at: (now: Reading['at']['value']) => void) => void,
): Reading {
  const turn = signal(0)
  const at = signal<Reading['at']['value']>('reading')
  let stopped = false
  let drawing: ReturnType<typeof setTimeout> | undefined
  let drawn = 0
  let due = 0
  const draw = () => {
    clearTimeout(drawing)
    drawing = undefined
    drawn = items.list.length
    turn.value += 1
    due = performance.now() + (drawn < screenRows ? pieceMs : laterMs)
  }

  async function run(): Promise<void> {
    let since = performance.now()
    for await (const event of events) {
      if (stopped) return
      take(event, (now) => {
        at.value = now
      })
      // What comes by itself is drawn even when nothing follows it.
      drawing ??= setTimeout(draw, pieceMs)
      const now = performance.now()
      const filled = drawn < screenRows && items.list.length >= screenRows
      if (filled || now >= due) draw()
      if (!filled && now - since < pieceMs) continue
      await rest()
      since = performance.now()
    }
  }

  run().then(
    () => {
      draw()
      if (at.value === 'reading') at.value = 'read'
    },
    (error: unknown) => {
      at.value = problemOf(error)
    },
  )
  return {
    items,
    turn,
    at,
    stop() {
      stopped = true
      clearTimeout(drawing)
    },
  }
}

const rest = () => new Promise<void>((resolve) => setTimeout(resolve))
