/**
 * Invitations as the screens follow them (rule WB47): one that is made, or one that is opened; kept by
 * the page and not by a screen. Links hold secrets: they stand here while they are shown, and nowhere else.
 */
import type { DeviceId } from '@baton/shared/ids'
import { linkOnPage } from '@baton/shared/keyexchange/code-link'
import { type ReadonlySignal, signal } from '@preact/signals'
import type { HandoffKind, JoinEvent, Task } from '../../core/mesh-api.ts'
import type { PageMesh } from '../../core/tabs/page-mesh.ts'
import { type Problem, problemOf } from './problem.ts'

export interface VisitView {
  readonly way: 'invite' | 'join'
  /** What is invited into, or what came. */
  readonly session?: string
  readonly at: JoinEvent['at'] | 'begun'
  readonly link?: string
  /** ms since 1970. */
  readonly expiresAt?: number
  /** The one device that can open it. */
  readonly to?: DeviceId
  /** Who came, or whom this page came to. */
  readonly name?: string
  readonly failed?: Problem
}

export interface Visits {
  readonly view: ReadonlySignal<VisitView | undefined>
  /** `to` undefined: any one device, as a guest. */
  invite(session: string, kind: HandoffKind, to: DeviceId | undefined): void
  join(link: string): void
  cancel(): void
  /** Puts away how it ended, or a link that was shown. */
  clear(): void
}

export function createVisits({ invitations }: Pick<PageMesh, 'invitations'>): Visits {
  const view = signal<VisitView | undefined>(undefined)
  let task: Task<JoinEvent> | undefined

  async function follow(begun: VisitView, begin: () => Task<JoinEvent>): Promise<void> {
    if (task) return
    view.value = begun
    try {
      task = begin()
      for await (const event of task.events) view.value = next(view.value ?? begun, event)
    } catch (error) {
      view.value = { ...begun, at: 'failed', failed: problemOf(error) }
    }
    task = undefined
  }

  async function forDevice(session: string, kind: HandoffKind, to: DeviceId): Promise<void> {
    const begun = { way: 'invite', session, to, at: 'begun' } as const
    view.value = begun
    try {
      const { link, expiresAt } = await invitations.invite(session, { kind, to })
      view.value = { ...begun, at: 'link', link, expiresAt }
    } catch (error) {
      view.value = { ...begun, at: 'failed', failed: problemOf(error) }
    }
  }

  return {
    view,
    invite(session, kind, to) {
      if (task) return
      if (to !== undefined) void forDevice(session, kind, to)
      else
        void follow({ way: 'invite', session, at: 'begun' }, () =>
          invitations.inviteGuest(session, { kind }),
        )
    },
    join: (link) => void follow({ way: 'join', at: 'begun' }, () => invitations.join(link)),
    cancel() {
      task?.cancel()
      task = undefined
      view.value = undefined
    },
    clear() {
      if (!task) view.value = undefined
    },
  }
}

function next(view: VisitView, event: JoinEvent): VisitView {
  const { at } = event
  switch (at) {
    case 'link':
      return { ...view, at, link: event.link, expiresAt: event.expiresAt }
    case 'met':
      // Used: it is good for nobody any more.
      return { way: view.way, at, name: event.device.name, ...sessionOf(view.session) }
    case 'failed':
      return { way: view.way, at, failed: problemOf(event), ...sessionOf(view.session) }
    case 'meeting':
      // Until somebody comes it stays on the screen.
      return view.link === undefined ? { ...view, at } : view
    case 'done':
      return { ...view, at, session: event.holding.session }
    default:
      return { ...view, at, ...sessionOf(event.handoff.session) }
  }
}

const sessionOf = (session: string | undefined) => (session === undefined ? {} : { session })

/**
 * A link as this page gives it away: an address of the page where other machines can open that, else as
 * `baton join` takes it.
 */
export const shareable = (link: string): string =>
  isOwnMachine() ? link : linkOnPage(link, pageAddress())

/** Without its file and its fragment. */
export const pageAddress = (): string => location.origin + location.pathname.replace(/[^/]*$/, '')

/** Its address means this machine alone. */
export const isOwnMachine = (): boolean => /^(localhost|127\.|\[::1\])/.test(location.hostname)
