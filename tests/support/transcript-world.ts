/**
 * Devices that write a session's entries without signatures, disks or links, and what each of them
 * means: the model that the transcript fold is compared with. Operations are plain data, so that
 * fast-check can shrink them.
 */

import { utf8Encode } from '@baton/shared/bytes'
import type { TranscriptState } from '@baton/shared/conflict/transcript'
import { foldEntry, nextPoint } from '@baton/shared/conflict/transcript'
import { createTranscript } from '@baton/shared/conflict/transcript-state'
import type { Value } from '@baton/shared/encoding/msgpack'
import { type DeviceId, deviceId, idBytes, joinLogId, type LogId } from '@baton/shared/ids'
import type { Entry } from '@baton/shared/log/entry'
import { kinds } from '@baton/shared/log/kinds'
import {
  encodeAdopt,
  encodeFile,
  encodeGrant,
  encodeRecord,
  fileStart,
  type Position,
  parseRecord,
} from '@baton/shared/model/agent-entries'
import { mainFile } from '@baton/shared/model/carried-path'
import { mintSessionId } from '@baton/shared/model/session-id'
import { nodePrimitives } from './signer.ts'

const { sha256 } = nodePrimitives

export const names = ['alice', 'bob', 'carol', 'mallory'] as const
export type Name = (typeof names)[number]

export const deviceOf = (name: Name): DeviceId =>
  deviceId(new Uint8Array(32).fill(names.indexOf(name) + 1))

/** The author; whoever else writes is granted unless told otherwise. */
export const author = deviceOf('alice')
const nonce = new Uint8Array(16).fill(9)
export const session = mintSessionId(sha256, author, nonce)

export const descriptor = {
  kind: 'agent',
  nonce,
  agent: 'claude-code',
  agentSession: '0e6d28f8-7c1a-4c3e-9b3f-2f6a5d0a1b2c',
  created: 1,
} as const

/** A line file as one device has it: the lines, and the point behind each of them. */
export interface Shelf {
  readonly lines: readonly string[]
  readonly points: readonly Position[]
}

export interface Written {
  readonly log: LogId
  readonly entry: Entry
}

export interface Writer {
  readonly device: DeviceId
  /** Its current log, undefined before its first entry and after a restart. */
  readonly log: LogId | undefined
  shelf(file?: string): Shelf
  /** As its entries last said, while `shelf` may have moved without a word. */
  readonly told: ReadonlyMap<string, Shelf>
  wholes: Map<string, string>
  /** Under which it says what it says. */
  epoch: number
  /** The next log names `after`, or else this writer's last one, as its predecessor. */
  restart(after?: LogId): void
  append(line: string, file?: string): Position
  /** Goes back to the first `keep` records: what an agent does that rewrites its file. */
  rewind(keep: number, file?: string): void
  /** Takes over another's file as it is, as a placement does. */
  take(shelf: Shelf, file?: string): void
  whole(file: string, text: string): void
  /** Says that the file goes on to where `other` has it. */
  adopt(other: Writer, file?: string): void
  grant(name: Name): void
  /** Any payload under any kind. */
  raw(kind: number, payload: Value): Written
}

export interface World {
  readonly entries: readonly Written[]
  readonly writers: Readonly<Record<Name, Writer>>
}

const empty: Shelf = { lines: [], points: [] }
const endOf = ({ points }: Shelf): Position => points.at(-1) ?? fileStart

/** `granted`: whom alice grants with her first entries. `lives`: incarnations already used up. */
export function createTranscriptWorld(
  granted: readonly Name[] = ['bob', 'carol'],
  lives = 0,
): World {
  const entries: Written[] = []
  let clock = 1_790_000_000_000 + lives * 3_600_000
  let incarnations = lives

  function createWriter(name: Name): Writer {
    const device = deviceOf(name)
    let log: LogId | undefined
    let before: LogId | undefined
    let seq = 0
    const shelves = new Map<string, Shelf>()
    const told = new Map<string, Shelf>()
    const tell = (file: string, shelf: Shelf) => {
      shelves.set(file, shelf)
      told.set(file, shelf)
    }
    /** Ends of what the current log says of each file. */
    let open = new Map<string, Position>()

    function push(kind: number, payload: Value): Written {
      if (log === undefined) {
        incarnations += 1
        const incarnation = new Uint8Array(8)
        // Scattered, so that the order of ids is not the order of time.
        new DataView(incarnation.buffer).setUint32(0, Math.imul(incarnations, 2_654_435_761))
        log = joinLogId(session, device, incarnation)
        seq = 0
        open = new Map()
        const from = before && [idBytes(before).slice(48), 1, new Uint8Array(32)]
        const told = name === 'alice' && before === undefined ? { ...descriptor } : null
        before = log
        write(kinds.genesis, [from ?? null, told])
        if (told) for (const other of granted) grant(other)
      }
      return write(kind, payload)
    }

    function write(kind: number, payload: Value): Written {
      seq += 1
      clock += 1000
      const stamp = { ms: clock, counter: 0 }
      const written = { log: log as LogId, entry: { kind, seq, stamp, deps: [], payload } }
      entries.push(written)
      return written
    }

    const grant = (other: Name) =>
      push(kinds.grant, encodeGrant({ device: deviceOf(other), kind: 'copy' }))

    const writer: Writer = {
      device,
      get log() {
        return log
      },
      shelf: (file = mainFile) => shelves.get(file) ?? empty,
      wholes: new Map(),
      epoch: 0,
      told,
      restart(after) {
        log = undefined
        before = after ?? before
      },
      append(line, file = mainFile) {
        const shelf = writer.shelf(file)
        if (log === undefined) push(99, null)
        const end = endOf(shelf)
        const content = { inline: utf8Encode(line) }
        const follows = open.get(file) === end
        const base = follows ? undefined : end
        const written = push(
          kinds.record,
          encodeRecord({ epoch: writer.epoch, file, base, content }),
        )
        const at = { log: written.log, seq: written.entry.seq }
        const point = nextPoint(sha256, end, content, at)
        tell(file, { lines: [...shelf.lines, line], points: [...shelf.points, point] })
        open.set(file, point)
        return point
      },
      rewind(keep, file = mainFile) {
        const { lines, points } = writer.shelf(file)
        shelves.set(file, { lines: lines.slice(0, keep), points: points.slice(0, keep) })
      },
      take(shelf, file = mainFile) {
        shelves.set(file, shelf)
      },
      whole(file, text) {
        writer.wholes.set(file, text)
        const content = { inline: utf8Encode(text) }
        push(kinds.file, encodeFile({ epoch: writer.epoch, file, content }))
      },
      adopt(other, file = mainFile) {
        const shelf = other.shelf(file)
        if (shelf.points.length === 0) return
        push(kinds.adopt, encodeAdopt({ epoch: writer.epoch, file, to: endOf(shelf) }))
        tell(file, shelf)
      },
      grant,
      raw: push,
    }
    return writer
  }

  const writers = Object.fromEntries(names.map((name) => [name, createWriter(name)]))
  return { entries, writers: writers as Record<Name, Writer> }
}

/** Folds entries in the order given, each as often as it is there. */
export function foldAll(
  entries: Iterable<Written>,
  state: TranscriptState = createTranscript(session),
): TranscriptState {
  for (const { log, entry } of entries) foldEntry(state, sha256, log, entry)
  return state
}

/** The lines that spans of a history lead over, read from the entries themselves. */
export function readLines(
  entries: readonly Written[],
  history:
    | { kind: 'records'; file: string; spans: readonly { log: LogId; from: number; to: number }[] }
    | { kind: 'whole' }
    | undefined,
): string[] {
  if (history?.kind !== 'records') return []
  return history.spans.flatMap(({ log, from, to }) =>
    entries
      .filter(({ log: id, entry }) => id === log && entry.seq >= from && entry.seq <= to)
      .flatMap(({ entry }) => {
        const record = entry.kind === kinds.record ? parseRecord(entry.payload) : undefined
        if (record?.file !== history.file || !('inline' in record.content)) return []
        return [new TextDecoder().decode(record.content.inline)]
      }),
  )
}
