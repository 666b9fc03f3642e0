/**
 * A send back (rules BR9, DV6): what the other device's agent appended becomes main history when the
 * origin has not moved since, and the origin's own file is extended by exactly those records; when
 * it has moved, or its agent is running, the branch stays beside it, listed.
 */
import { epochOf } from '@baton/shared/conflict/leases'
import { speakerOf } from '@baton/shared/conflict/ranking'
import { samePoint } from '@baton/shared/conflict/transcript'
import type { SessionId } from '@baton/shared/ids'
import { kinds } from '@baton/shared/log/kinds'
import { encodeAdopt, encodeFile, fileStart } from '@baton/shared/model/agent-entries'
import type { Sha256 } from '@baton/shared/primitives'
import type { Trace } from '../ports/platform.ts'
import type { Source } from '../ports/source.ts'
import type { Repository } from '../repo/repository.ts'
import { attempt, notPlaced, type Outcome } from './outcome.ts'
import type { Placing } from './placing.ts'
import type { Transcripts } from './transcripts.ts'
import { type SessionView, viewFor } from './views.ts'

export interface Merging {
  /** Whether what others wrote beside it may become main history here: by who holds the session. */
  isFor(session: SessionId): Promise<boolean>
  merge(source: Source, session: SessionId, theirs: SessionView): Promise<Outcome>
}

export function createMerging(ports: {
  readonly repository: Repository
  readonly transcripts: Transcripts
  readonly placing: Placing
  readonly sha256: Sha256
  readonly trace: Trace
}): Merging {
  const { repository, transcripts, placing } = ports

  async function main(session: SessionId): Promise<SessionView> {
    return viewFor(await transcripts.state(session), ports.sha256, repository.device)
  }

  /** True when every file of the branch goes on exactly where main ends. */
  async function goesOn(session: SessionId, theirs: SessionView): Promise<boolean> {
    const { files } = await main(session)
    return (theirs.branch?.files ?? []).every(({ base, history }) => {
      const trunk = files.get(history.file)
      const end = trunk?.kind === 'records' ? trunk.end : fileStart
      return samePoint(base, end)
    })
  }

  async function adopt(session: SessionId, theirs: SessionView): Promise<void> {
    const { branch } = theirs
    if (!branch) return
    const wholes = await Promise.all(
      branch.wholes.map(async (whole) => ({
        file: whole.file,
        content: await transcripts.content(whole),
      })),
    )
    const { held } = await transcripts.state(session)
    const epoch = held ? epochOf(held.holding) : 0
    await repository.write(session, (to) => {
      for (const { history } of branch.files) {
        const { file, end } = history
        to.append(kinds.adopt, encodeAdopt({ epoch, file, to: end }))
      }
      for (const { file, content } of wholes) {
        to.append(kinds.file, encodeFile({ epoch, file, content }))
      }
      return []
    })
  }

  return {
    isFor: async (session) => speakerOf(await transcripts.state(session)) === repository.device,
    async merge(source, session, theirs) {
      const state = await transcripts.state(session)
      const { descriptor } = state
      if (!descriptor) return beside('not-found', 'this session has no beginning here', '')
      const agent = descriptor
      if (!theirs.branch) {
        // Nothing new came with it; the own file may still lag behind an earlier merge.
        return extend()
      }
      if (await source.live(descriptor.agentSession)) {
        return beside(
          'place-live',
          'the agent is running here',
          'close it and send again, or go on with the copy beside it',
        )
      }
      if (!(await goesOn(session, theirs))) {
        return beside(
          'place-exists',
          'its own device went on with the session too',
          'both histories are kept: baton show lists the branch',
        )
      }
      await adopt(session, theirs)
      return extend()

      function extend(): Promise<Outcome> {
        const place = async () => {
          const view = await main(session)
          return placing.place(source, { session, descriptor: agent, view, maps: [] })
        }
        return attempt(ports.trace, place, 'extended')
      }
    },
  }
}

const beside = (code: string, message: string, hint: string): Outcome =>
  notPlaced(code, message, hint, 'beside')
