/**
 * Sessions that change hands as the screens follow it (rule WB17): one at a time, kept by the page and
 * not by a screen, so that whoever looks elsewhere meanwhile finds out how it ended.
 */

import type { DeviceId } from '@baton/shared/ids'
import { type ReadonlySignal, signal } from '@preact/signals'
import type {
  HandoffEvent,
  HandoffKind,
  Handoffs,
  HandoffTask,
  HoldingRow,
} from '../../core/mesh-api.ts'
import { type Problem, problemOf } from './problem.ts'

export interface HandingView {
  readonly session: string
  readonly way: 'hand' | 'take'
  readonly kind: HandoffKind
  /** To whom it is handed. */
  readonly to?: DeviceId
  readonly at: HandoffEvent['at'] | 'begun'
  readonly holding?: HoldingRow
  readonly pauseMs?: number | undefined
  readonly failed?: Problem
}

export interface Handing {
  readonly view: ReadonlySignal<HandingView | undefined>
  hand(session: string, to: DeviceId, kind: HandoffKind): void
  take(session: string, kind: HandoffKind, force?: boolean): void
  /** Before it is signed over this ends it; after that it goes on. */
  cancel(): void
  /** Puts away how it ended. */
  clear(): void
}

export function createHanding(mesh: {
  readonly handoffs: Pick<Handoffs, 'hand' | 'take'>
}): Handing {
  const view = signal<HandingView | undefined>(undefined)
  let task: HandoffTask | undefined

  async function follow(begun: HandingView, begin: () => HandoffTask): Promise<void> {
    if (task) return
    view.value = begun
    const failed = (error: unknown) => {
      view.value = { ...begun, at: 'failed', failed: problemOf(error) }
    }
    try {
      task = begin()
      for await (const event of task.events) {
        if (event.at === 'failed') failed(event)
        else if (event.at === 'done') {
          view.value = { ...begun, at: 'done', holding: event.holding, pauseMs: event.pauseMs }
        } else view.value = { ...begun, at: event.at }
      }
    } catch (error) {
      failed(error)
    }
    task = undefined
  }

  return {
    view,
    hand: (session, to, kind) =>
      void follow({ session, way: 'hand', kind, to, at: 'begun' }, () =>
        mesh.handoffs.hand(session, { to, kind }),
      ),
    take: (session, kind, force = false) =>
      void follow({ session, way: 'take', kind, at: 'begun' }, () =>
        mesh.handoffs.take(session, { kind, force }),
      ),
    cancel: () => task?.cancel(),
    clear() {
      if (!task) view.value = undefined
    },
  }
}

/** It goes on, and no other can begin. */
export const isRunning = (view: HandingView | undefined): boolean =>
  view !== undefined && view.at !== 'done' && view.at !== 'failed'
