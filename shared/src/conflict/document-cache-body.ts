/**
 * Everything of a folded document but its messages and places, as one value and back (rule DX1): who
 * may write, streams, registers, rows, tool calls, inbox, captures, and what waits, is hidden or is passed over.
 */
import type { Bytes } from '../bytes.ts'
import { decodeStamp, encodeStamp } from '../clock/hlc.ts'
import type { Value } from '../encoding/msgpack.ts'
import { idBytes } from '../ids.ts'
import { depKey, depOfKey, encodeAgain, readEntry } from '../log/again.ts'
import { type Entry, encodeEntry } from '../log/entry.ts'
import { kinds } from '../log/kinds.ts'
import type { Held, Path, ToolStatus } from '../model/document-entries.ts'
import { pathKey } from '../model/document-entries.ts'
import { encodeRedaction, parseRedaction } from '../model/redaction.ts'
import type { DocumentState, HiddenReason } from './document.ts'
import { captureName, fieldName, passedOf } from './document-kinds.ts'
import { keepHeld } from './held.ts'
import { type LeasesForm, leasesValue, readJudged } from './lease-columns.ts'
import type { LogTable, ReadLogs } from './log-table.ts'
import { messageColumns, readMessageColumns } from './message-columns.ts'
import { createRegister, type Register, type Write } from './register.ts'
import { readStreamColumns, streamColumns } from './stream-columns.ts'

type WriteForm = readonly [number, number, Bytes, Bytes, ...Value[]]
type DepForm = readonly [number, number, Bytes]
/**
 * Where its writes were seen; those that stand, each with the places it is said again from and those of
 * them that are superseded; and the places where what is said again was seen.
 */
type RegisterForm = readonly [
  [number, number][],
  WriteForm[],
  (readonly [DepForm[], PlaceForm[]])[],
  DepForm[],
]
type ToldForm = readonly [ToolStatus, WriteForm]
type PlaceForm = readonly [number, number]

export type BodyForm = readonly [
  author: Bytes | null,
  descriptor: Value,
  writers: Bytes[],
  fields: [string[], RegisterForm][],
  rows: [string, string, WriteForm[]][],
  tools: [string, ToolStatus, ToldForm, ToldForm[]][],
  inbox: [string, WriteForm][],
  captures: [string, RegisterForm][],
  passed: [string, [number, [number, PlaceForm[], DepForm[]][]][]][],
  passedMessages: Value,
  hidden: [number, number, HiddenReason][],
  waiting: [number, number, Bytes, Bytes, PlaceForm[]][],
  redactions: [string, Value, WriteForm][],
  streams: Value,
  superseded: PlaceForm[],
  leases: LeasesForm,
  hosts: Bytes[],
]

export function bodyValue(state: DocumentState, table: LogTable): Value {
  const write = ({ log, seq, hash, stamp, held }: Write): Value[] => [
    table.at(log),
    seq,
    hash,
    encodeStamp(stamp),
    ...heldValue(held),
  ]
  const dep = (key: string): Value => {
    const { log, seq, hash } = depOfKey(key)
    return [table.at(log), seq, hash]
  }
  const register = ({ covered, live, seen }: Register): Value => [
    [...covered].map(([log, seq]) => [table.at(log), seq]),
    live.map(write),
    live.map(
      ({ again = [], stood = [] }): Value => [
        again.map(dep),
        stood.map((at): Value => [table.at(at.log), at.seq]),
      ],
    ),
    [...(seen ?? [])].map(dep),
  ]
  return [
    state.author ? idBytes(state.author) : null,
    (state.descriptor as unknown as Value) ?? null,
    [...state.writers].map(idBytes),
    [...state.fields.values()].map((field): Value => [[...field.path], register(field.register)]),
    [...state.rows.values()].map(
      ({ collection, key, writes }): Value => [collection, key, [...writes.values()].map(write)],
    ),
    [...state.tools.values()].map(
      ({ call, status, told, ends }): Value => [
        call,
        status,
        [told.status, write(told.write)],
        ends.map((end): Value => [end.status, write(end.write)]),
      ],
    ),
    [...state.inbox].map(([id, each]): Value => [id, write(each)]),
    [...state.captures].map(([origin, each]): Value => [origin, register(each)]),
    [...state.passed].map(
      ([name, logs]): Value => [
        name,
        [...logs].map(
          ([log, writes]): Value => [
            table.at(log),
            writes.map(
              ({ seq, saw, again = [] }): Value => [
                seq,
                saw.map((at): Value => [table.at(at.log), at.seq]),
                again.map(dep),
              ],
            ),
          ],
        ),
      ],
    ),
    messageColumns(
      [...state.passedMessages].map(([id, node]) => ({
        id,
        epoch: 0,
        consumes: undefined,
        others: [],
        ...node,
      })),
      table,
    ),
    state.hidden.map(({ log, seq, reason }): Value => [table.at(log), seq, reason]),
    state.waiting
      .list()
      .map(
        ({ log, entry, hash, missing }): Value => [
          table.at(log),
          entry.seq,
          encodeEntry(asSaid(entry)),
          hash,
          missing.map((at): Value => [table.at(at.log), at.seq]),
        ],
      ),
    [...state.redactions].map(([key, of]): Value => [key, encodeRedaction(of), write(of.by)]),
    streamColumns({ ...state, streams: state.streams.values() }, table),
    [...state.superseded].map(([log, seq]): Value => [table.at(log), seq]),
    leasesValue(state, table),
    [...state.hosts].map(idBytes),
  ]
}

/** An entry that is said again as it stands in its log, but for its stamp. */
const asSaid = (entry: Entry): Entry =>
  entry.again ? { ...entry, kind: kinds.again, payload: encodeAgain(entry.again, entry) } : entry

/** Fills a state that holds nothing but who may write. */
export function readBody(state: DocumentState, form: BodyForm, logs: ReadLogs): void {
  const [, , , fields, rows, tools, inbox, captures, passed, passedMessages, hidden] = form
  const [waiting, redactions, streams, superseded, leases] = form.slice(11) as [
    BodyForm[11],
    BodyForm[12],
    Value,
    BodyForm[14],
    LeasesForm,
  ]
  readJudged(state, leases, logs)
  for (const [at, seq] of superseded) state.superseded.set(logs.at(at).log, seq)
  const place = ([at, seq]: PlaceForm) => ({ log: logs.at(at).log, seq })
  const write = ([at, seq, hash, stamp, ...held]: WriteForm): Write => ({
    ...logs.at(at),
    seq,
    hash: hash.slice(),
    stamp: decodeStamp(stamp),
    held: keepHeld(readHeld(held)),
  })
  const dep = ([at, seq, hash]: DepForm): string => depKey({ log: logs.at(at).log, seq, hash })
  const told = ([status, each]: ToldForm) => ({ status, write: write(each) })
  for (const [name, those] of passed) {
    const into = passedOf(state, name)
    for (const [at, writes] of those) {
      const known = writes.map(([seq, saw, again]) => ({
        ...{ seq, saw: saw.map(place) },
        ...(again.length > 0 && { again: again.map(dep) }),
      }))
      into.set(logs.at(at).log, known)
    }
  }
  const said = (form: WriteForm, [again, stood]: RegisterForm[2][number]): Write => ({
    ...write(form),
    ...(again.length > 0 && { again: again.map(dep) }),
    ...(stood.length > 0 && { stood: stood.map(place) }),
  })
  const register = (name: string, [covered, live, again, seen]: RegisterForm): Register => {
    const out = createRegister(passedOf(state, name))
    for (const at of covered) out.covered.set(logs.at(at[0]).log, at[1])
    out.live = live.map((form, i) => said(form, again[i] ?? [[], []]))
    if (seen.length > 0) out.seen = new Set(seen.map(dep))
    return out
  }
  for (const [path, each] of fields) {
    const key = pathKey(path as Path)
    state.fields.set(key, { path, register: register(fieldName(key), each) })
  }
  for (const [collection, key, writes] of rows) {
    const own = writes.map(write).map((each) => [each.device, each] as const)
    state.rows.set(pathKey([collection, key]), { collection, key, writes: new Map(own) })
  }
  for (const [call, status, best, ends] of tools) {
    state.tools.set(call, { call, status, told: told(best), ends: ends.map(told) })
  }
  for (const [id, each] of inbox) state.inbox.set(id, write(each))
  for (const [origin, each] of captures) {
    state.captures.set(origin, register(captureName(origin), each))
  }
  for (const { id, parent, write: at } of readMessageColumns(passedMessages, logs)) {
    state.passedMessages.set(id, { parent, write: at })
  }
  for (const [at, seq, reason] of hidden) {
    state.hidden.push({ log: logs.at(at).log, seq, reason })
  }
  for (const [at, seq, body, hash, missing] of waiting) {
    const entry = readEntry(body.slice(), seq)
    state.waiting.add({
      log: logs.at(at).log,
      entry,
      hash: hash.slice(),
      missing: missing.map(place),
    })
  }
  for (const [key, of, by] of redactions) {
    const redaction = parseRedaction(of)
    if (redaction) state.redactions.set(key, { ...redaction, by: write(by) })
  }
  const kept = readStreamColumns(streams, logs)
  for (const [key, stream] of kept.streams) state.streams.set(key, stream)
  for (const log of kept.followed) state.followed.add(log)
  state.epoch = kept.epoch
}

/** Nothing for absent, the value, or the hash and size of a blob: as in an entry. */
function heldValue(held: Held): Value[] {
  if (held.at === 'absent') return []
  return held.at === 'value' ? [held.value] : [held.blob, held.bytes]
}

function readHeld(form: readonly Value[]): Held {
  if (form.length === 0) return { at: 'absent' }
  if (form.length === 1) return { at: 'value', value: form[0] as Value }
  return { at: 'blob', blob: form[0] as Bytes, bytes: form[1] as number }
}
