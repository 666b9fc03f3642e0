/**
 * What the screens show of a mesh, as signals: read anew when the mesh says that something changed, at
 * most every 100 ms, so that a busy link does not keep the page drawing.
 */
import { type ReadonlySignal, signal } from '@preact/signals'
import type {
  DeviceRow,
  HandoffRow,
  InvitationRow,
  MeshStatus,
  SessionRow,
} from '../../core/mesh-api.ts'
import type { PageMesh } from '../../core/tabs/page-mesh.ts'
import type { TabRoom } from '../../core/tabs/ports.ts'
import { createDrafts, type Drafts } from './drafts.ts'
import { createHanding, type Handing } from './handing.ts'
import { type Hindrances, watchHindrances } from './hindrances.ts'
import { problemOf } from './problem.ts'
import { createSending, type Sending } from './sending.ts'
import { createVisits, type Visits } from './visits.ts'

export interface PageState {
  readonly mesh: PageMesh
  readonly room: Pick<TabRoom, 'tabs' | 'heard'>
  /** Undefined until they were read once. */
  readonly devices: ReadonlySignal<readonly DeviceRow[] | undefined>
  readonly sessions: ReadonlySignal<readonly SessionRow[] | undefined>
  readonly status: ReadonlySignal<MeshStatus | undefined>
  /** Requests to hand a session over, the newest first. */
  readonly handoffs: ReadonlySignal<readonly HandoffRow[]>
  readonly handing: Handing
  readonly sending: Sending
  readonly visits: Visits
  readonly hindrances: Hindrances
  /** Those of this page for a paired device that wait to be used. */
  readonly invitations: ReadonlySignal<readonly InvitationRow[]>
  readonly drafts: Drafts
  /** The last thing worth telling a person, until it is put away. */
  readonly notice: ReadonlySignal<string>
  tell(notice: string): void
  /** Does it, and tells a person when it could not be done; resolves with whether it was. */
  attempt(run: () => Promise<unknown>): Promise<boolean>
  refresh(): void
  /** The session that came last while the page was open. */
  readonly arrived: ReadonlySignal<string | undefined>
}

const restMs = 100
/** Between looks at what tells nobody that it changed. */
const lookMs = 5_000

export function createPageState(mesh: PageMesh, room: PageState['room']): PageState {
  const hindrances = watchHindrances(mesh)
  const devices = signal<readonly DeviceRow[] | undefined>(undefined)
  const sessions = signal<readonly SessionRow[] | undefined>(undefined)
  const status = signal<MeshStatus | undefined>(undefined)
  const handoffs = signal<readonly HandoffRow[]>([])
  const invitations = signal<readonly InvitationRow[]>([])
  const notice = signal('')
  const arrived = signal<string | undefined>(undefined)
  let reading = false
  let again = false

  async function read(): Promise<void> {
    if (reading) {
      again = true
      return
    }
    reading = true
    try {
      const [rows, held, now, asked, invited] = await Promise.all([
        ...([mesh.devices(), mesh.sessions()] as const),
        ...([mesh.status(), mesh.handoffs.list(), mesh.invitations.list()] as const),
      ])
      devices.value = rows
      sessions.value = held
      status.value = now
      hindrances.heard(rows)
      handoffs.value = asked
      invitations.value = invited
    } catch {
      // The store is gone: the page says so by itself.
    }
    setTimeout(() => {
      reading = false
      if (!again) return
      again = false
      void read()
    }, restMs)
  }

  mesh.watch((event) => {
    if (event.kind === 'received') arrived.value = event.session
    if (event.kind === 'notice') notice.value = event.message ?? ''
    void read()
  })
  // What grows by itself tells nobody: whoever looks sees it soon.
  addEventListener('hashchange', () => void read())
  setInterval(() => document.visibilityState === 'visible' && void read(), lookMs)
  void read()
  return {
    mesh,
    room,
    devices,
    sessions,
    status,
    handoffs,
    handing: createHanding(mesh),
    sending: createSending(mesh),
    visits: createVisits(mesh),
    hindrances,
    invitations,
    drafts: createDrafts(mesh),
    notice,
    arrived,
    refresh: () => void read(),
    tell(text) {
      notice.value = text
    },
    async attempt(run) {
      try {
        await run()
        return true
      } catch (error) {
        const { message, hint } = problemOf(error)
        notice.value = hint === undefined ? message : `${message}: ${hint}`
        return false
      } finally {
        void read()
      }
    },
  }
}
