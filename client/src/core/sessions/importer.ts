/**
 * Takes what an agent wrote into the log (rules IM1 to IM5): raw lines become record entries, whole
 * sidecars become file entries, and the cursor moves in the same batch, so a crash neither loses nor
 * doubles a line. What the agent writes is always taken, under the epoch that this device holds;
 * whether it is main history or a branch is the fold's to say.
 */
import { type Bytes, concat, equalBytes, toHex } from '@baton/shared/bytes'
import { epochOf } from '@baton/shared/conflict/leases'
import { speakerOf } from '@baton/shared/conflict/ranking'
import { fileKey, samePoint } from '@baton/shared/conflict/transcript'
import type { LogId, SessionId } from '@baton/shared/ids'
import { maxInlineBytes } from '@baton/shared/limits'
import type { Descriptor } from '@baton/shared/log/genesis'
import { kinds } from '@baton/shared/log/kinds'
import {
  type Content,
  encodeFile,
  encodeRecord,
  fileStart,
  type Position,
} from '@baton/shared/model/agent-entries'
import { mintSessionId, sessionNonceBytes } from '@baton/shared/model/session-id'
import { createLanes } from '../lanes.ts'
import type { FoundSession, Source, SourceItem } from '../ports/source.ts'
import type { Write } from '../ports/store.ts'
import type { Appender } from '../repo/repository.ts'
import { createCommits } from './commits.ts'
import type { Importer, ImporterPorts, ImportHow } from './importing.ts'
import type { ProjectedFile, Projection } from './projections.ts'

export type {
  Importer,
  ImporterPorts,
  ImportHow,
  ImportProgress,
  ImportReport,
} from './importing.ts'

type RecordsItem = Extract<SourceItem, { kind: 'records' }>
type DivergedItem = Extract<SourceItem, { kind: 'diverged' }>

/** Batches of one read buffer each that may wait for the disk. */
const maxInFlight = 2

/** Room for the epoch, the path and the base beside an inline line. */
const inlineBytes = maxInlineBytes - 2048

export function createImporter(ports: ImporterPorts): Importer {
  const { repository, transcripts, projections, primitives } = ports
  const byFile = createLanes<string>()
  const bySession = ports.inTurn ?? createLanes<SessionId>()

  /** The projection of a file, and what its session is when it was never carried before. */
  async function open(found: FoundSession): Promise<[Projection, Descriptor | undefined]> {
    const known = await projections.ofPath(found.path)
    if (known) return [known, undefined]
    const nonce = ports.random.bytes(sessionNonceBytes)
    const { title, project, repository: home } = found
    const projection: Projection = {
      session: mintSessionId(primitives.sha256, repository.device, nonce),
      path: found.path,
      agentSession: found.agentSession,
      kind: 'origin',
      files: new Map(),
      versions: new Map(),
    }
    return [
      projection,
      {
        kind: 'agent',
        nonce,
        agent: found.agent,
        agentSession: found.agentSession,
        created: ports.clock.now(),
        ...(title === undefined ? {} : { title }),
        ...(project === undefined ? {} : { project }),
        ...(home === undefined ? {} : { repository: { ...home } }),
      },
    ]
  }

  async function run(source: Source, found: FoundSession, how: ImportHow) {
    const opened = await open(found)
    // Two files of one session, a copy and one beside it, go into one log: what each continues has
    // to be what stands there.
    return bySession(opened[0].session, async () => {
      // It may have been placed anew while this waited.
      const now = opened[1] ? opened : await open(found)
      return runOn(now, source, found, how)
    })
  }

  async function runOn(
    [projection, descriptor]: [Projection, Descriptor | undefined],
    source: Source,
    found: FoundSession,
    { progress = () => undefined, thorough = false }: ImportHow,
  ) {
    const { session } = projection
    const state = await transcripts.state(session)
    const files = new Map(projection.files)
    const versions = new Map(projection.versions)
    /** Ends of what this process's log says about a file, since the fold was read. */
    const ends = new Map<string, { log: LogId; end: Position }>()
    const skipped: string[] = []
    let records = 0
    let bytes = 0
    let tornBytes = 0
    let beside = false
    const commits = createCommits(maxInFlight, (build) =>
      repository.write(
        session,
        (to) => [...build(to), ...projections.rows({ ...projection, files, versions })],
        descriptor,
      ),
    )

    /** Under which this device speaks now: the session may come here while a file is read. */
    async function epochNow(): Promise<number> {
      const now = await transcripts.state(session)
      const holds = speakerOf(now) === repository.device
      if (now.held && !holds) beside = true
      return now.held && holds ? epochOf(now.held.holding) : 0
    }

    async function onRecords(item: RecordsItem): Promise<void> {
      const epoch = await epochNow()
      const rows: Write[] = []
      const contents = item.lines.map((line): Content => {
        if (line.length <= inlineBytes) return { inline: line }
        const hash = primitives.sha256(line)
        rows.push(...repository.blobs.rows(hash, line))
        return { blob: hash, bytes: line.length }
      })
      await commits.give((to) => {
        appendRecords(to, item, contents, epoch)
        return rows
      })
      records += item.lines.length
      for (const line of item.lines) bytes += line.length + 1
    }

    function appendRecords(
      to: Appender,
      item: RecordsItem,
      contents: readonly Content[],
      epoch: number,
    ): void {
      const { file } = item
      let position = files.get(file)?.position ?? fileStart
      let log = to.log
      let follows = log !== undefined && goesOn(file, log, position)
      for (const [i, content] of contents.entries()) {
        const base = follows ? undefined : position
        const written = to.append(kinds.record, encodeRecord({ epoch, file, base, content }))
        const line = item.lines[i] as Bytes
        position = {
          record: item.ids[i] as Bytes,
          at: { log: written.log, seq: written.seq },
          records: position.records + 1,
          bytes: position.bytes + line.length + 1,
        }
        log = written.log
        follows = true
      }
      if (log) ends.set(file, { log, end: position })
      const cursorState = files.get(file)?.cursor.state ?? ''
      const cursor = { ...item.cursor, carried: position.records, state: cursorState }
      files.set(file, { cursor, position })
    }

    /** True when the log's last record of the file is the one before `position`. */
    function goesOn(file: string, log: LogId, position: Position): boolean {
      const here = ends.get(file)
      if (here) return here.log === log && samePoint(here.end, position)
      const piece = state.open.get(fileKey(log, file))
      return piece !== undefined && samePoint(piece.end, position)
    }

    async function onFile(item: Extract<SourceItem, { kind: 'file' }>): Promise<void> {
      const [content, epoch] = [await contentOf(item), await epochNow()]
      await commits.give((to) => {
        versions.set(item.file, item.version)
        to.append(kinds.file, encodeFile({ epoch, file: item.file, content }))
        return []
      })
      bytes += item.bytes
    }

    async function contentOf(item: Extract<SourceItem, { kind: 'file' }>): Promise<Content> {
      if (item.bytes <= inlineBytes) {
        const parts: Bytes[] = []
        for await (const part of item.content()) parts.push(part)
        return { inline: concat(...parts) }
      }
      const { hash, bytes: size } = await repository.blobs.add(() => item.content())
      return { blob: hash, bytes: size }
    }

    /** The file was rewritten: the next run goes on from the last common record. */
    async function onDiverged(item: DivergedItem): Promise<void> {
      await commits.settled()
      const before = files.get(item.file)
      const position = before && item.cursor && (await locate(before, item.cursor.record))
      await commits.give(() => {
        if (position && item.cursor) {
          const cursor = { ...item.cursor, carried: position.records, state: '' }
          files.set(item.file, { cursor, position })
        } else files.delete(item.file)
        ends.delete(item.file)
        return []
      })

      async function locate(file: ProjectedFile, record: Bytes): Promise<Position | undefined> {
        const history = await transcripts.to(session, item.file, file.position)
        if (!history) return undefined
        for await (const point of transcripts.points(history)) {
          if (equalBytes(point.record, record)) return point
        }
        return undefined
      }
    }

    const known = new Map<string, Promise<Set<string>>>()
    async function idsOf(file: string): Promise<Set<string>> {
      const ids = new Set<string>()
      const projected = files.get(file)
      const history = projected && (await transcripts.to(session, file, projected.position))
      if (!history) return ids
      for await (const point of transcripts.points(history)) ids.add(shortId(point.record))
      return ids
    }

    let diverged = false
    const reading = source.read(found, {
      cursors: new Map([...files].map(([file, { cursor }]) => [file, cursor])),
      versions: new Map(versions),
      thorough,
      async has(file, record) {
        await commits.settled()
        const ids = known.get(file) ?? idsOf(file)
        known.set(file, ids)
        return (await ids).has(shortId(record))
      },
    })
    try {
      for await (const item of reading) {
        if (item.kind === 'torn') tornBytes += item.bytes
        else if (item.kind === 'skipped') skipped.push(`${item.file}: ${item.reason}`)
        else if (item.kind === 'file') await onFile(item)
        else if (item.kind === 'records') await onRecords(item)
        else {
          diverged = true
          await onDiverged(item)
        }
        progress(records, bytes)
      }
    } finally {
      // A run that ended with batches under way would have the next one begin before its cursor.
      await commits.over()
    }
    await commits.settled()
    if (beside) ports.beside?.(session)
    return { report: { session, records, bytes, tornBytes, skipped }, diverged }
  }

  async function take(source: Source, found: FoundSession, how: ImportHow) {
    const first = await run(source, found, how)
    if (!first.diverged) return first.report
    const { report } = await run(source, found, {
      ...how,
      progress: (records, bytes) =>
        how.progress?.(first.report.records + records, first.report.bytes + bytes),
    })
    return {
      ...report,
      records: first.report.records + report.records,
      bytes: first.report.bytes + report.bytes,
    }
  }

  return {
    take: (source, found, how = {}) => byFile(found.path, () => take(source, found, how)),
    still: (session, files, work) =>
      bySession(session, async () => {
        for (const { source, found } of files) {
          const again = async () => runOn(await open(found), source, found, { thorough: true })
          const { diverged } = await again()
          if (diverged) await again()
        }
        return work()
      }),
  }
}

/** Enough of a record id to find it again in one file. */
const shortId = (record: Bytes): string => toHex(record.subarray(0, 12))
