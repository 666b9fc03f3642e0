/**
 * The message history (rules HI1 to HI3): messages by id, each after its parent. It keeps where they stand,
 * not what they say, so that a hundred thousand fold into little. Concurrent branches stay siblings
 * and are never interleaved; under `merge` the history shown is the union by id in stamp order.
 */
import { compareStamp } from '../clock/hlc.ts'
import type { DeviceId } from '../ids.ts'
import type { At } from '../model/agent-entries.ts'
import type { MessagePayload } from '../model/document-entries.ts'
import { compareWrites, type Write } from './register.ts'

export interface MessageNode {
  readonly id: string
  readonly parent: string | undefined
  readonly epoch: number
  readonly consumes: string | undefined
  /** Without its value: that is read where it stands. */
  readonly write: Omit<Write, 'held'>
  /** Other places that give the same id; equal when it was published again. */
  readonly others: readonly At[]
  /** Its author took back what it said (rule RD2). */
  readonly redacted?: true
  /** It is written bit by bit, by this device: its text is in `streams` (rule SW3). */
  readonly stream?: DeviceId
}

/** Messages beyond the cut of their log, by id: a line that passes one goes on behind it. */
export type PassedMessages = Map<string, Pick<MessageNode, 'parent' | 'write'>>

export interface MessageBranch {
  /** The message of the main line after which it leaves; undefined: from the start. */
  readonly after: string | undefined
  readonly messages: readonly MessageNode[]
}

export function foldMessage(
  messages: Map<string, MessageNode>,
  payload: Omit<MessagePayload, 'held'> & Pick<MessageNode, 'redacted' | 'stream'>,
  { held: _, ...write }: Write,
): void {
  const { id, parent, epoch, consumes, redacted, stream } = payload
  const fresh: MessageNode = {
    ...{ id, parent, epoch, consumes, write, others: [] },
    ...(redacted && { redacted }),
    ...(stream && { stream }),
  }
  const known = messages.get(id)
  const order = orders.get(messages)
  if (known === undefined) {
    messages.set(id, fresh)
    const last = order?.at(-1)
    if (last === undefined || byStamp(fresh, last) > 0) order?.push(fresh)
    else orders.delete(messages)
    return
  }
  if (known.write.log === write.log && known.write.seq === write.seq) return
  // The first to say it is shown, whoever came first here.
  const [first, second] = older(fresh, known) ? [fresh, known] : [known, fresh]
  const others = [...known.others, place(second)].filter(
    (at, i, all) => all.findIndex((each) => samePlace(each, at)) === i,
  )
  others.sort((a, b) => (a.log === b.log ? a.seq - b.seq : a.log < b.log ? -1 : 1))
  messages.set(id, { ...first, others })
  orders.delete(messages)
}

/** Takes a message that does not count (rule CU3). */
export function passMessage(
  passed: PassedMessages,
  { id, parent }: Pick<MessagePayload, 'id' | 'parent'>,
  { held: _, ...write }: Write,
): void {
  const known = passed.get(id)
  if (!known || compareWrites(write as Write, known.write as Write) > 0) {
    passed.set(id, { parent, write })
  }
}

const place = ({ write: { log, seq } }: MessageNode): At => ({ log, seq })
const samePlace = (a: At, b: At): boolean => a.log === b.log && a.seq === b.seq
const older = (a: MessageNode, b: MessageNode): boolean =>
  compareWrites(a.write as Write, b.write as Write) > 0

/**
 * All messages, oldest stamp first: the history under `merge`. Kept from one asking to the next, since
 * what comes is mostly newer than what is there: whoever adds one message does not sort all of them.
 */
export function union(messages: ReadonlyMap<string, MessageNode>): readonly MessageNode[] {
  const known = orders.get(messages)
  if (known) return known
  const sorted = [...messages.values()].sort(byStamp)
  orders.set(messages, sorted)
  return sorted
}

const orders = new WeakMap<ReadonlyMap<string, MessageNode>, MessageNode[]>()

/** Whoever holds a later epoch speaks later, whatever its clock says. */
const byStamp = (a: MessageNode, b: MessageNode): number =>
  a.epoch - b.epoch ||
  compareStamp(a.write.stamp, b.write.stamp) ||
  -compareWrites(a.write as Write, b.write as Write)

/**
 * The holder's line: from its last message back over parents to the first; `holder` undefined: from the
 * last message of all. `tip`: a message that the
 * line has to pass; then it goes on to the last one behind it.
 */
export function mainLine(
  messages: ReadonlyMap<string, MessageNode>,
  holder: DeviceId | undefined,
  tip?: string,
  passed: PassedMessages = nonePassed,
): readonly MessageNode[] {
  const parentOf = parents(messages, passed)
  const chosen = tip === undefined ? undefined : messages.get(tip)
  let last = chosen
  if (chosen === undefined) {
    for (const node of messages.values()) {
      if (
        (holder ?? node.write.device) === node.write.device &&
        (last === undefined || isAhead(node, last))
      )
        last = node
    }
  } else {
    const behind = childrenOf(messages, parentOf)
    for (const seen = new Set<string>(); last !== undefined && !seen.has(last.id); ) {
      seen.add(last.id)
      last = behind.get(last.id)?.reduce((a, b) => (isAhead(b, a) ? b : a)) ?? last
    }
  }
  return lineTo(messages, parentOf, last)
}

const nonePassed: PassedMessages = new Map()

type ParentOf = (node: Pick<MessageNode, 'parent'>) => string | undefined

/** The next message behind one that counts; what is not held stays named. */
function parents(messages: ReadonlyMap<string, MessageNode>, passed: PassedMessages): ParentOf {
  const known = new Map<string, string | undefined>()
  return ({ parent }) => {
    const trail: string[] = []
    let at = parent
    for (const seen = new Set<string>(); at !== undefined && !seen.has(at); ) {
      if (messages.has(at) || !passed.has(at)) break
      if (known.has(at)) {
        at = known.get(at)
        break
      }
      seen.add(at)
      trail.push(at)
      at = passed.get(at)?.parent
    }
    for (const id of trail) known.set(id, at)
    return at
  }
}

const isAhead = (a: MessageNode, b: MessageNode): boolean => byStamp(a, b) > 0

function childrenOf(
  messages: ReadonlyMap<string, MessageNode>,
  parentOf: ParentOf,
): Map<string, MessageNode[]> {
  const children = new Map<string, MessageNode[]>()
  for (const node of messages.values()) {
    const parent = parentOf(node)
    if (parent === undefined) continue
    const known = children.get(parent)
    if (known) known.push(node)
    else children.set(parent, [node])
  }
  return children
}

/** A parent that is not held, or a ring of parents, ends the line. */
function lineTo(
  messages: ReadonlyMap<string, MessageNode>,
  parentOf: ParentOf,
  last: MessageNode | undefined,
): readonly MessageNode[] {
  const line: MessageNode[] = []
  const seen = new Set<string>()
  for (let at = last; at !== undefined && !seen.has(at.id); ) {
    seen.add(at.id)
    line.push(at)
    const parent = parentOf(at)
    at = parent === undefined ? undefined : messages.get(parent)
  }
  return line.reverse()
}

/** What is beside a line: by its last message, each from where it leaves the line. */
export function besides(
  messages: ReadonlyMap<string, MessageNode>,
  line: readonly MessageNode[],
  passed: PassedMessages = nonePassed,
): readonly MessageBranch[] {
  const main = new Set(line.map(({ id }) => id))
  const parentOf = parents(messages, passed)
  const inside = new Set<string | undefined>()
  for (const node of messages.values()) inside.add(parentOf(node))
  const shown = new Set(main)
  const branches: MessageBranch[] = []
  const tell = (last: MessageNode) => {
    const own = lineTo(messages, parentOf, last)
    const from = own.findLastIndex(({ id }) => main.has(id))
    const beside = own.slice(from + 1)
    if (beside.length === 0) return
    for (const { id } of beside) shown.add(id)
    branches.push({ after: own[from]?.id, messages: beside })
  }
  const all = [...messages.values()].sort(byStamp)
  for (const node of all) if (!inside.has(node.id) && !main.has(node.id)) tell(node)
  // A ring of parents has no last message: each one that was not shown by now ends one.
  for (const node of all) if (!shown.has(node.id)) tell(node)
  return branches
}
