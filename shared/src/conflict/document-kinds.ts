/**
 * What each kind of entry does to a document (rules DO1, RG, HI, SW, TC): one function a kind, which says
 * whether the payload was one. Who may write, and what waits or is cut, is judged before in document.ts.
 */
import { depKey } from '../log/again.ts'
import type { Entry } from '../log/entry.ts'
import { kinds } from '../log/kinds.ts'
import {
  type Held,
  parseCapture,
  parseInbox,
  parseMessage,
  parseRegister,
  parseRow,
  parseTool,
  pathKey,
} from '../model/document-entries.ts'
import { parseStream } from '../model/stream-entries.ts'
import { cutReason } from './cuts.ts'
import type { DocumentState } from './document.ts'
import { foldMessage, passMessage } from './messages.ts'
import {
  compareWrites,
  createRegister,
  foldWrite,
  type Passed,
  passWrite,
  type Register,
  type Write,
} from './register.ts'
import { foldStream, reachEpoch } from './streams.ts'
import { foldTool } from './tool-calls.ts'

type Fold = (
  state: DocumentState,
  payload: unknown,
  write: (held: Held) => Write,
  deps: Entry['deps'],
) => boolean

/** Each answers whether the payload was one. */
export const folds: Readonly<Record<number, Fold>> = {
  [kinds.register](state, payload, write, deps) {
    const parsed = parseRegister(payload)
    if (!parsed) return false
    const { path, held } = parsed
    const key = pathKey(path)
    const field = state.fields.get(key) ?? {
      path,
      register: createRegister(passedOf(state, fieldName(key))),
    }
    state.fields.set(key, field)
    foldWrite(field.register, write(held), deps, gone(state, deps))
    return true
  },
  [kinds.row](state, payload, write) {
    const parsed = parseRow(payload)
    if (!parsed) return false
    const { collection, key, held } = parsed
    const name = pathKey([collection, key])
    const row = state.rows.get(name) ?? { collection, key, writes: new Map() }
    state.rows.set(name, row)
    const fresh = write(held)
    const known = row.writes.get(fresh.device)
    if (!known || later(fresh, known)) row.writes.set(fresh.device, fresh)
    return true
  },
  [kinds.inbox](state, payload, write) {
    const parsed = parseInbox(payload)
    if (!parsed) return false
    const fresh = write(parsed.held)
    const known = state.inbox.get(parsed.id)
    // One id is one input, however often it was published: the first word counts.
    if (!known || later(known, fresh)) state.inbox.set(parsed.id, fresh)
    return true
  },
  [kinds.message](state, payload, write) {
    const parsed = parseMessage(payload)
    if (!parsed) return false
    foldMessage(state.messages, parsed, write(parsed.held))
    reachEpoch(state, parsed.epoch)
    return true
  },
  [kinds.stream]: foldStream,
  [kinds.tool](state, payload, write) {
    const parsed = parseTool(payload)
    if (!parsed) return false
    foldTool(state.tools, parsed, write(parsed.held))
    reachEpoch(state, parsed.epoch)
    return true
  },
  [kinds.capture](state, payload, write, deps) {
    const parsed = parseCapture(payload)
    if (!parsed) return false
    const register =
      state.captures.get(parsed.origin) ??
      createRegister(passedOf(state, captureName(parsed.origin)))
    state.captures.set(parsed.origin, register)
    foldWrite(register, write(parsed.held), deps, gone(state, deps))
    return true
  },
}

/**
 * What an entry beyond the cut of its log leaves behind (rule CU3): nothing that shows, but what was
 * written by those who had seen it fits where it stands.
 */
export const passes: Readonly<Record<number, Fold>> = {
  [kinds.register](state, payload, write, deps) {
    const parsed = parseRegister(payload)
    if (!parsed) return false
    const key = pathKey(parsed.path)
    const passed = passedOf(state, fieldName(key))
    passAll(passed, state.fields.get(key)?.register, write(nothing), deps)
    return true
  },
  [kinds.capture](state, payload, write, deps) {
    const parsed = parseCapture(payload)
    if (!parsed) return false
    const passed = passedOf(state, captureName(parsed.origin))
    passAll(passed, state.captures.get(parsed.origin), write(nothing), deps)
    return true
  },
  [kinds.message](state, payload, write) {
    const parsed = parseMessage(payload)
    if (parsed) passMessage(state.passedMessages, parsed, write(nothing))
    return parsed !== undefined
  },
  [kinds.stream](state, payload, write) {
    const parsed = parseStream(payload)
    if (parsed?.at === 'beginning') passMessage(state.passedMessages, parsed, write(nothing))
    return parsed !== undefined
  },
}

/** Of what an author had seen, what is beyond a cut: it may be said again. */
function gone(state: DocumentState, deps: Entry['deps']): readonly string[] {
  const hidden = deps.filter(({ log, seq }) => cutReason(state.cuts, log, seq) !== undefined)
  state.again ||= hidden.length > 0
  return hidden.map(depKey)
}

/** Whoever saw it may name a place where it stood before it was said again, and saw what stands there. */
function passAll(
  passed: Passed,
  register: Register | undefined,
  write: Write,
  deps: Entry['deps'],
): void {
  for (const at of [write, ...(write.stood ?? [])]) {
    const { again } = write
    passWrite(passed, register, at, { seq: at.seq, saw: deps, ...(again && { again }) })
  }
}

const nothing: Held = { at: 'absent' }
export const fieldName = (key: string): string => `field ${key}`
export const captureName = (origin: string): string => `capture ${origin}`

/** What is beyond a cut of the register of that name; the same map at every asking. */
export function passedOf(state: DocumentState, name: string): Passed {
  const known = state.passed.get(name)
  if (known) return known
  const fresh: Passed = new Map()
  state.passed.set(name, fresh)
  return fresh
}

const later = (a: Write, b: Write): boolean => compareWrites(a, b) < 0
