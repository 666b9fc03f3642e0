/**
 * What it takes to move a session that stands in its agent's files (rules HW1 to HW6): whether the agent
 * has it open here, its last records, its file in place there before anything is signed, and here after
 * a takeover. It knows nothing of requests and leases.
 */
import { toHex } from '@baton/shared/bytes'
import { BatonError } from '@baton/shared/errors'
import type { DeviceId, SessionId } from '@baton/shared/ids'
import { kinds } from '@baton/shared/log/kinds'
import { encodeAdopt, encodeFile } from '@baton/shared/model/agent-entries'
import type { Sha256 } from '@baton/shared/primitives'
import type { SendEvent, SendOptions, Task } from '../mesh-api.ts'
import type { Source } from '../ports/source.ts'
import type { Appender } from '../repo/repository.ts'
import type { Importer } from './importer.ts'
import type { Library } from './library.ts'
import type { Outcome } from './outcome.ts'
import type { PlaceHere, Placing } from './placing.ts'
import type { Projections } from './projections.ts'
import type { Sharing } from './sharing.ts'
import type { Transcripts } from './transcripts.ts'
import { viewFor, viewOfBranch } from './views.ts'

/** Where it stands and the line that goes on there. */
export interface InPlace {
  readonly path: string
  readonly resume: string
}

export interface Moving {
  /** Whether a session stands in the files of an agent. */
  isWatched(session: SessionId): boolean
  /** Whether its agent has it open on this device. */
  live(session: SessionId): Promise<boolean>
  /** Carries it to a device and has it put in its place. Rejects when it is not in its place there. */
  deliver(session: SessionId, to: DeviceId, where: PlaceHere): Promise<InPlace>
  /**
   * Takes the last records and runs `work` while nothing more is taken; undefined, and nothing was run:
   * there was more than was delivered last, or the agent is open again.
   */
  still<T>(session: SessionId, work: () => Promise<T>): Promise<T | undefined>
  /** Says, under an epoch that begins, that the history goes on from where it ends here. */
  restate(session: SessionId): Promise<(to: Appender, epoch: number) => void>
  /** Puts it in its place on this device. */
  placeHere(session: SessionId, where: PlaceHere): Promise<Outcome>
  /** Puts a branch, by its name, in a file of its own here. Rejects with `not-found`, and as placing does. */
  placeBranch(session: SessionId, name: string, where: PlaceHere): Promise<InPlace>
}

export interface MovingPorts {
  readonly self: DeviceId
  readonly sha256: Sha256
  readonly sharing: Pick<Sharing, 'descriptor'>
  readonly transcripts: Transcripts
  readonly projections: Projections
  readonly library: Library
  readonly importer: Importer
  readonly placing: Placing
  send(ref: string, options: SendOptions): Task<SendEvent>
  sourceOf(agent: string): Source | undefined
}

export function createMoving(ports: MovingPorts): Moving {
  const { self, sha256, sharing, transcripts, projections } = ports
  /** What a session showed when it was delivered last. */
  const delivered = new Map<SessionId, string>()

  const agentOf = (session: SessionId): string | undefined => {
    const told = sharing.descriptor(session)
    return told?.kind === 'agent' && told.agent !== 'baton' ? told.agent : undefined
  }

  const shown = async (session: SessionId): Promise<string> =>
    toHex(viewFor(await transcripts.state(session), sha256, self).digest)

  async function live(session: SessionId): Promise<boolean> {
    const source = ports.sourceOf(agentOf(session) ?? '')
    if (!source) return false
    for (const { agentSession } of await projections.ofSession(session)) {
      if (await source.live(agentSession)) return true
    }
    return false
  }

  return {
    isWatched: (session) => agentOf(session) !== undefined,
    live,
    async deliver(session, to, { maps, project }) {
      const options = { to, maps, ...(project === undefined ? {} : { project }) }
      for await (const event of ports.send(session, options).events) {
        if (event.at === 'failed') {
          const { code, message, hint } = event
          throw new BatonError(code as BatonError['code'], message, hint ? { hint } : {})
        }
        if (event.at !== 'done') continue
        if (event.placed) {
          delivered.set(session, event.digest.here)
          return event.placed
        }
        const why = event.unplaced ?? 'nobody said why'
        throw new BatonError('invalid', `failed to put it in its place there: ${why}`, {
          hint: 'the session is still here; --map and --project say where it goes',
        })
      }
      throw new BatonError('link-closed', 'failed to hand over: it ended without a word')
    },
    async still(session, work) {
      const files = await ports.library.filesOf(session)
      return ports.importer.still(session, files, async () => {
        const isSame = (await shown(session)) === delivered.get(session)
        return isSame && !(await live(session)) ? work() : undefined
      })
    },
    async restate(session) {
      const all = [...(await transcripts.main(session)).values()]
      const contents = new Map<string, Parameters<typeof encodeFile>[0]['content']>()
      for (const each of all) {
        if (each.kind === 'whole') contents.set(each.file, await transcripts.content(each))
      }
      return (to, epoch) => {
        for (const each of all) {
          const { file } = each
          const content = contents.get(file)
          if (each.kind === 'records') {
            to.append(kinds.adopt, encodeAdopt({ epoch, file, to: each.end }))
          } else if (content) to.append(kinds.file, encodeFile({ epoch, file, content }))
        }
      }
    },
    placeHere: ports.placing.placeHere,
    async placeBranch(session, name, where) {
      const state = await transcripts.state(session)
      const branch = (await transcripts.branches(session)).find((each) => each.name === name)
      const source = ports.sourceOf(state.descriptor?.agent ?? '')
      if (!branch || !source || !state.descriptor) throw noBranch()
      const view = viewOfBranch(state, sha256, branch)
      const request = { ...{ session, descriptor: state.descriptor, view }, ...where }
      const { path, resume } = await ports.placing.placeApart(source, request)
      return { path, resume }
    },
  }
}

const noBranch = () =>
  new BatonError('not-found', 'failed to go on with it: there is no such branch here', {
    hint: 'baton branches lists them',
  })
