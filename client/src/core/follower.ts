/**
 * Keeps shared sessions going after the first send (rules FL1 to FL3): what an agent appends here is
 * taken and pushed, what comes from the origin extends the copy that was placed here. Failures are
 * traced and tried again at the next change; nothing depends on them.
 */

import { isBatonError } from '@baton/shared/errors'
import type { DeviceId, SessionId } from '@baton/shared/ids'
import type { Primitives } from '@baton/shared/primitives'
import type { Links } from './links.ts'
import type { Clock, Trace } from './ports/platform.ts'
import type { Source } from './ports/source.ts'
import type { Library } from './sessions/library.ts'
import type { Placing } from './sessions/placing.ts'
import type { Projections } from './sessions/projections.ts'
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
  readonly projections: Projections
  readonly sharing: Sharing
  readonly taking: Taking
  readonly links: Links
  sourceOf(agent: string): Source | undefined
}

export interface Follower {
  /** Watches every shared session that has a file here. */
  start(): Promise<void>
  /** Watches the files of one session from now on. */
  watch(session: SessionId): Promise<void>
  /** Entries of another device came. */
  received(session: SessionId): Promise<void>
  close(): void
}

/** News of one session is looked at together. */
const settleMs = 300

export function createFollower(ports: FollowerPorts): Follower {
  const { transcripts, sharing, library } = ports
  const watched = new Map<string, () => void>()
  const waiting = new Map<SessionId, () => void>()
  let closed = false

  const quietly = async (what: string, run: () => Promise<void>): Promise<void> => {
    try {
      await run()
    } catch (error) {
      // The next change of the session comes here again; until then its state is shown as it is.
      ports.trace(what, { code: isBatonError(error) ? error.code : 'unexpected' })
    }
  }

  async function watch(session: SessionId): Promise<void> {
    await quietly('watch-failed', async () => {
      for (const item of await library.filesOf(session)) {
        if (closed || watched.has(item.found.path)) continue
        const stop = item.source.watch(item.found, () => {
          void quietly('take-failed', async () => {
            await ports.taking.file(item)
          })
        })
        watched.set(item.found.path, stop)
      }
    })
  }

  async function settle(session: SessionId): Promise<void> {
    await quietly('follow-failed', async () => {
      await extendCopy(session)
    })
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
    async received(session) {
      waiting.get(session)?.()
      waiting.set(
        session,
        ports.clock.after(settleMs, () => {
          waiting.delete(session)
          if (!closed) void settle(session)
        }),
      )
    },
    close() {
      closed = true
      for (const stop of watched.values()) stop()
      for (const stop of waiting.values()) stop()
    },
  }
}
