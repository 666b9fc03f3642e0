/** A pairing as the screen follows it, joined or offered; one at a time. */
import { type ReadonlySignal, signal } from '@preact/signals'
import type { Mesh, PairingEvent, PairingTask } from '../../core/mesh-api.ts'
import { type Problem, problemOf } from './problem.ts'

type Of<At extends PairingEvent['at']> = Extract<PairingEvent, { readonly at: At }>

export interface PairingView {
  /** What this page does: it typed a code, or shows one. */
  readonly side: 'join' | 'invite'
  readonly stage: PairingEvent['at'] | 'begun'
  readonly code: Of<'code'> | undefined
  readonly check: Of<'check'> | undefined
  readonly paired: Of<'paired'> | undefined
  readonly failed: Problem | undefined
}

export interface Pairing {
  readonly view: ReadonlySignal<PairingView | undefined>
  /** `confirm`: nothing is kept before both people said yes to the pictures. */
  join(code: string, confirm: boolean): void
  invite(): void
  answer(match: boolean): void
  cancel(): void
}

export function createPairing(mesh: Pick<Mesh, 'invite' | 'join'>): Pairing {
  const view = signal<PairingView | undefined>(undefined)
  let task: PairingTask | undefined

  async function follow(side: PairingView['side'], begin: () => PairingTask): Promise<void> {
    const nothing = { code: undefined, check: undefined, paired: undefined, failed: undefined }
    view.value = { side, stage: 'begun', ...nothing }
    try {
      task = begin()
      for await (const event of task.events) view.value = next(view.value, event)
    } catch (error) {
      view.value = { ...view.value, stage: 'failed', failed: problemOf(error) }
    }
    task = undefined
  }

  return {
    view,
    join: (code, confirm) => void follow('join', () => mesh.join(code, { confirm })),
    invite: () => void follow('invite', () => mesh.invite({ qr: true, confirm: false })),
    answer: (match) => task?.answer(match),
    cancel() {
      task?.cancel()
      task = undefined
      view.value = undefined
    },
  }
}

function next(view: PairingView, event: PairingEvent): PairingView {
  const stage = event.at
  switch (event.at) {
    case 'code':
      return { ...view, stage, code: event }
    case 'check':
      return { ...view, stage, check: event }
    case 'paired':
      return { ...view, stage, paired: event }
    case 'failed':
      return { ...view, stage, failed: problemOf(event) }
    default:
      return { ...view, stage }
  }
}
