/** A session as records for reading (rule SH1): boiled down by its agent's source, nothing trusted. */

import { BatonError } from '@baton/shared/errors'
import type { DeviceId } from '@baton/shared/ids'
import type { Sha256 } from '@baton/shared/primitives'
import { shownHistory } from '../driven/shown.ts'
import type { Documents, ShownRecord } from '../mesh-api.ts'
import type { Source } from '../ports/source.ts'
import { isDocument } from './document-row.ts'
import type { Library } from './library.ts'
import type { Sharing } from './sharing.ts'
import type { Taking } from './taking.ts'
import type { Transcripts } from './transcripts.ts'
import { viewFor, viewOfBranch } from './views.ts'

/** What sources call a session's main file; it is read first. */
const mainFile = 'transcript.jsonl'

/** What the main history goes by where a device's own file holds another; no branch has this name. */
const mainName = 'main'

export function createShow(ports: {
  readonly library: Library
  readonly transcripts: Transcripts
  readonly taking: Taking
  readonly sha256: Sha256
  readonly self: DeviceId
  readonly documents: Pick<Documents, 'open'>
  readonly sharing: Pick<Sharing, 'descriptor'>
  sourceOf(agent: string): Source | undefined
}) {
  const { transcripts } = ports

  return async function* show(
    ref: string,
    options: { readonly branch?: string; readonly whole?: boolean } = {},
  ): AsyncGenerator<ShownRecord> {
    const session = await ports.taking.ref(ref)
    if (isDocument(ports.sharing, session)) {
      if (options.branch) throw noBranch()
      yield* shownHistory(await ports.documents.open(session))
      return
    }
    const state = await transcripts.state(session)
    const source = ports.sourceOf(state.descriptor?.agent ?? '')
    if (!source) throw new BatonError('not-found', 'no agent here reads such a session')
    const named = options.branch || undefined
    const branch =
      named === undefined || named === mainName
        ? undefined
        : (await transcripts.branches(session)).find(({ name }) => name === named)
    if (named !== undefined && named !== mainName && !branch) {
      throw noBranch()
    }
    const view =
      named === undefined
        ? viewFor(state, ports.sha256, ports.self)
        : viewOfBranch(state, ports.sha256, branch)
    const main = (file: string) => (file === mainFile ? 0 : 1)
    const files = [...view.files.values()].sort((a, b) => main(a.file) - main(b.file))
    for (const history of files) {
      let index = 0
      for await (const lines of transcripts.lines(history)) {
        for (const line of lines) {
          const { kind, at, text } = source.describe(line, options.whole)
          yield { file: history.file, index, kind, at, text, bytes: line.length }
          index += 1
        }
      }
    }
  }
}

const noBranch = () =>
  new BatonError('not-found', 'the session has no branch of this name', {
    hint: 'baton show lists the branches of a session',
  })
