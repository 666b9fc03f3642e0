/**
 * What happened in a run: what was signed, which entries there were and what each had seen, what was
 * acknowledged, and what processes saw. Judged by guarantees.ts.
 */
import type { ReadEntry } from '@baton/client/core/repo/rows'
import { toHex } from '@baton/shared/bytes'
import { type DeviceId, type LogId, splitLogId } from '@baton/shared/ids'
import { depKey } from '@baton/shared/log/again'
import { depHashBytes } from '@baton/shared/log/entry'
import { kinds } from '@baton/shared/log/kinds'
import { parseDocumentEntry, parseRegister, pathKey } from '@baton/shared/model/document-entries'

export interface Acknowledged {
  /** A value that occurs once in the run. */
  readonly value: string
  readonly device: string
  /** The process that wrote it: one life of a device. */
  readonly process: number
  /** The step at which it was begun, and at which it was acknowledged. */
  readonly begun: number
  readonly step: number
  /** It may stand in a blob, where an entry does not say it, and be replaced. */
  readonly large?: boolean
}

/** An entry that some device stored, by `depKey`; one that is said again is where it first stood. */
export interface Node {
  readonly key: string
  readonly log: LogId
  readonly seq: number
  readonly device: DeviceId
  /** Of a register: its path. */
  readonly path: string | undefined
  readonly value: string | undefined
  /** What it names as seen, and the entry before it in its log. */
  readonly saw: readonly string[]
  readonly before: string | undefined
}

/** What a process saw at one moment. */
export interface Look {
  readonly process: number
  readonly device: string
  readonly step: number
  /** By path: keys of the writes that no other has seen, as the device shows them. */
  readonly fields: ReadonlyMap<string, readonly string[]>
  /** Keys of entries that wait for others. */
  readonly waiting: ReadonlySet<string>
  /** Values of messages, rows and tool calls that are shown. */
  readonly items: ReadonlySet<string>
}

export interface History {
  readonly acknowledged: Acknowledged[]
  /** Values whose only copies a restored backup took away. */
  readonly excused: Set<string>
  readonly looks: Look[]
  readonly nodes: Map<string, Node>
  /** Values that were written together. */
  readonly pairs: (readonly [string, string])[]
  /** Every value that anyone began to write. */
  readonly written: Set<string>
  /** Devices of which two copies live. */
  readonly cloned: Set<DeviceId>
  /** Notes that a log was signed with this hash at a place. Throws when it was with another. */
  signed(log: LogId, seq: number, hash: string): void
  /** Notes entries that a process stored, each log's in order. */
  stored(by: object, log: LogId, entries: readonly ReadEntry[], hashes: Uint8Array): void
}

export class Violation extends Error {}

export function createHistory(): History {
  const places = new Map<string, string>()
  const nodes = new Map<string, Node>()
  const cloned = new Set<DeviceId>()
  /** The last entry of a log that each process stored. */
  const last = new WeakMap<object, Map<LogId, string>>()

  function note(log: LogId, before: string | undefined, { seq, entry }: ReadEntry, key: string) {
    if (nodes.has(key)) return
    const { device } = splitLogId(log)
    const register = entry?.kind === kinds.register ? parseRegister(entry.payload) : undefined
    const held = entry && parseDocumentEntry(entry.kind, entry.payload)?.held
    const value = held?.at === 'value' ? held.value : undefined
    const name = Array.isArray(value) ? value[0] : value
    nodes.set(key, {
      key,
      log,
      seq,
      device,
      path: register && pathKey(register.path),
      // What settles a history names its message.
      value: typeof name === 'string' && register?.path[0] !== 'conflict' ? name : undefined,
      saw: (entry?.deps ?? []).map(depKey),
      before,
    })
  }

  return {
    acknowledged: [],
    excused: new Set(),
    looks: [],
    pairs: [],
    written: new Set(),
    cloned,
    nodes,
    signed(log, seq, hash) {
      const place = `${log} ${seq}`
      const known = places.get(place)
      if (known === undefined) places.set(place, hash)
      else if (known !== hash && !cloned.has(splitLogId(log).device)) {
        throw new Violation(`one place of a log was signed twice: ${place}`)
      }
    },
    stored(by, log, entries, hashes) {
      const ofProcess = last.get(by) ?? new Map<LogId, string>()
      last.set(by, ofProcess)
      for (const [i, read] of entries.entries()) {
        const hash = hashes.slice(i * 32, i * 32 + depHashBytes)
        const place = `${log} ${read.seq} ${toHex(hash)}`
        const [origin] = read.entry?.again ?? []
        const key = origin ? depKey(origin) : place
        note(log, ofProcess.get(log), read, key)
        // Who names where it stands by now has seen it.
        const node = nodes.get(key)
        if (origin && node && !nodes.has(place)) {
          nodes.set(place, { ...node, key: place, value: undefined, saw: [key], before: undefined })
        }
        ofProcess.set(log, place)
      }
    },
  }
}
