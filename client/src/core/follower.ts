/**
 * Keeps shared sessions going after the first send (rules FL1 to FL3): what an agent appends here is
 * taken and pushed, what comes from the origin extends the copy that was placed here. Failures are
 * traced and tried again at the next change; nothing depends on them.
 */
import type { DeviceId, SessionId } from '@baton/shared/ids'
import type { Primitives } from '@baton/shared/primitives'
import { traceFault } from './fault.ts'
import type { Clock, Trace } from './ports/platform.ts'
import type { Source } from './ports/source.ts'
import type { Library } from './sessions/library.ts'
import type { Placing } from './sessions/placing.ts'
import type { Sharing } from './sessions/sharing.ts'
import type { Taking } from './sessions/taking.ts'
import type { Transcripts } from './sessions/transcripts.ts'
import { viewFor } from './sessions/views.ts'

export interface FollowerPorts {
  readonly self: DeviceId
  readonly primitives: Primitives
  readonly clock: Clock
  readonly trace: Trace
  readonly library: Library
  readonly placing: Placing
  readonly transcripts: Transcripts
  readonly sharing: Sharing
  readonly taking: Taking
  sourceOf(agent: string): Source | undefined
}

export interface Follower {
  /** Watches every shared session that has a file here. */
  start(): Promise<void>
  /** Watches the files of one session from now on. */
  watch(session: SessionId): Promise<void>
  /** Entries of another device came. */
  received(session: SessionId): void
  close(): void
}

/** News of one session is looked at together. */
export const settleMs = 300

export function createFollower(ports: FollowerPorts): Follower {
  const { transcripts, sharing, library } = ports
  const watched = new Map<string, () => void>()
  const looks = new Map<SessionId, { readonly stop: () => void; again: boolean }>()
  let closed = false

  const quietly = async (what: string, run: () => Promise<void>): Promise<void> => {
    try {
      await run()
    } catch (error) {
      // The next change of the session comes here again; until then its state is shown as it is.
      traceFault(ports.trace, what, error)
    }
  }

  async function watch(session: SessionId): Promise<void> {
    await quietly('watch.failed', async () => {
      for (const item of await library.filesOf(session)) {
        if (closed || watched.has(item.found.path)) continue
        const stop = item.source.watch(item.found, () => {
          void quietly('take.failed', async () => {
            await ports.taking.file(item)
          })
        })
        watched.set(item.found.path, stop)
      }
    })
  }

  /** Looks a moment after the first news, however much follows it, and once more for what did. */
  function received(session: SessionId): void {
    const known = looks.get(session)
    if (known) known.again = true
    if (known || closed) return
    const look = { stop: ports.clock.after(settleMs, run), again: false }
    looks.set(session, look)

    async function run(): Promise<void> {
      look.again = false
      await quietly('follow.failed', () => extendCopy(session))
      looks.delete(session)
      if (look.again) received(session)
    }
  }

  /** A copy that its agent did not touch goes on as the origin does. */
  async function extendCopy(session: SessionId): Promise<void> {
    const state = await transcripts.state(session)
    if (state.author === undefined || state.author === ports.self || !state.descriptor) return
    const source = ports.sourceOf(state.descriptor.agent)
    if (!source) return
    await ports.taking.session(session)
    const view = viewFor(await transcripts.state(session), ports.primitives.sha256, ports.self)
    const before = await ports.placing.projectionOf(session, view)
    if (!before || view.branch) return
    if (await source.live(before.agentSession)) return
    await ports.placing.place(source, { session, descriptor: state.descriptor, view, maps: [] })
  }

  return {
    async start() {
      for (const session of sharing.sharedByAny()) await watch(session)
    },
    watch,
    received,
    close() {
      closed = true
      for (const stop of watched.values()) stop()
      for (const { stop } of looks.values()) stop()
    },
  }
}
