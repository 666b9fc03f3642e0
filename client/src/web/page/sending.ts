/** A copy of a session on its way to another device, as the screens follow it: one at a time. */
import type { DeviceId } from '@baton/shared/ids'
import { type ReadonlySignal, signal } from '@preact/signals'
import type { Mesh, SendEvent } from '../../core/mesh-api.ts'
import { type Problem, problemOf } from './problem.ts'

export interface SendingView {
  readonly session: string
  readonly to: DeviceId
  /** The last that was told of it. */
  readonly event: Exclude<SendEvent, { readonly at: 'failed' | 'skipped' | 'cut' }> | undefined
  readonly failed?: Problem
}

export interface Sending {
  readonly view: ReadonlySignal<SendingView | undefined>
  send(session: string, to: DeviceId): void
  cancel(): void
  /** Puts away how it ended. */
  clear(): void
}

export function createSending(mesh: Pick<Mesh, 'send'>): Sending {
  const view = signal<SendingView | undefined>(undefined)
  let task: ReturnType<Mesh['send']> | undefined

  async function follow(session: string, to: DeviceId): Promise<void> {
    if (task) return
    view.value = { session, to, event: undefined }
    const failed = (error: unknown) => {
      view.value = { session, to, event: undefined, failed: problemOf(error) }
    }
    try {
      task = mesh.send(session, { to, maps: [] })
      for await (const event of task.events) {
        if (event.at === 'failed') failed(event)
        else if (event.at !== 'skipped' && event.at !== 'cut') {
          view.value = { session, to, event }
        }
      }
    } catch (error) {
      failed(error)
    }
    task = undefined
  }

  return {
    view,
    send: (session, to) => void follow(session, to),
    cancel: () => task?.cancel(),
    clear() {
      if (!task) view.value = undefined
    },
  }
}
