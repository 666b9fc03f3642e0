/**
 * What a session keeps and its own file on this device no longer holds (rule SD12): a file that was
 * cut, emptied or removed takes nothing back from the history, and only what its agent writes next
 * says where that goes on.
 */
import type { SessionId } from '@baton/shared/ids'
import { mainFile } from '@baton/shared/model/carried-path'
import type { Library } from './library.ts'
import type { Projections } from './projections.ts'
import type { Transcripts } from './transcripts.ts'

export interface CutPorts {
  readonly transcripts: Pick<Transcripts, 'main'>
  readonly projections: Pick<Projections, 'ofSession'>
  readonly library: Pick<Library, 'filesOf'>
}

/** Counts such records; 0 on a device that has only a copy, which may lag behind as it likes. */
export function createCut({ transcripts, projections, library }: CutPorts) {
  return async (session: SessionId): Promise<number> => {
    // The history first: what is taken meanwhile moves the file's place, too.
    const history = await transcripts.main(session)
    const own = (await projections.ofSession(session)).find(({ kind }) => kind === 'origin')
    if (own === undefined) return 0
    // A file without a byte is as good as none to those who look for sessions.
    const found = await library.filesOf(session)
    const there = found.some(({ found: { path } }) => path === own.path)
    let records = 0
    for (const each of history.values()) {
      if (each.kind !== 'records') continue
      const read = each.file !== mainFile || there ? own.files.get(each.file)?.position : undefined
      records += Math.max(0, each.end.records - (read?.records ?? 0))
    }
    return records
  }
}
