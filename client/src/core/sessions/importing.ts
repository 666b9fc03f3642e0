/** Taking what agents wrote, as whoever asks for it sees it (rules IM1 to IM7); done in importer.ts. */
import type { SessionId } from '@baton/shared/ids'
import type { Primitives } from '@baton/shared/primitives'
import type { InTurn } from '../lanes.ts'
import type { Clock, Random } from '../ports/platform.ts'
import type { FoundSession, Source } from '../ports/source.ts'
import type { Repository } from '../repo/repository.ts'
import type { Projections } from './projections.ts'
import type { Transcripts } from './transcripts.ts'

export interface ImportReport {
  readonly session: SessionId
  /** Taken by this run. */
  readonly records: number
  readonly bytes: number
  /** After the last newline of some file: not taken yet. */
  readonly tornBytes: number
  readonly skipped: readonly string[]
}

export type ImportProgress = (records: number, bytes: number) => void

export interface ImportHow {
  readonly progress?: ImportProgress
  /** See `ReadState.thorough`. */
  readonly thorough?: boolean
  /** Told what of a file's session is not carried; not called when all of it is. */
  readonly skipped?: (files: readonly string[]) => void
}

export interface Importer {
  /** Takes everything new of a session; runs of one session follow each other. */
  take(source: Source, found: FoundSession, how?: ImportHow): Promise<ImportReport>
  /** Takes everything new of these files, and nothing more of the session while `work` runs. */
  still<T>(session: SessionId, files: readonly Found[], work: () => Promise<T>): Promise<T>
}

interface Found {
  readonly source: Source
  readonly found: FoundSession
}

export interface ImporterPorts {
  readonly repository: Repository
  readonly transcripts: Transcripts
  readonly projections: Projections
  readonly primitives: Primitives
  readonly random: Random
  readonly clock: Clock
  /** Shared with who places: what is being written is not read as what an agent wrote. */
  readonly inTurn?: InTurn<SessionId>
  /** Records were taken of a session that another device holds. */
  readonly beside?: (session: SessionId) => void
}
