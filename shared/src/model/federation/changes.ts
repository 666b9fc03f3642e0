/** From a federation's file to what differs from the document (rules FD5 to FD8). */
import type { DocumentState } from '../../conflict/document.ts'
import { sameValue } from '../../conflict/held.ts'
import { nodeAt, unitedRows, type View, valuesBelow, viewOf } from '../../conflict/view.ts'
import type { Value } from '../../encoding/msgpack.ts'
import { type Change, heldOf, setAt, unsetAt } from '../changes.ts'
import { type Held, isId, isPath, type Path } from '../document-entries.ts'
import { isCarried, isMap, type Tally, type Values } from '../fields.ts'
import { orderChanges, orderPath, toldOrder } from './order.ts'
import { agentShape, routerShape, taskShape, topNames } from './schema.ts'

export interface FileChanges {
  readonly changes: readonly Change[]
  /** Parts of the file that no entry can carry, and tasks without an id: left out. */
  readonly malformed: number
}

export interface FileReading {
  /**
   * True: what is not in the file was taken out by whoever wrote it. Otherwise it is one agent's view,
   * and says nothing of what it does not name.
   */
  readonly complete: boolean
  /**
   * The file as it was before it was changed, where that is known. Only what differs from it is told:
   * what came from other devices and is not in the file yet is then neither undone nor taken out.
   */
  readonly base?: unknown
}

/** What one level of the file says, and what it said before: undefined when that is not known. */
interface Told {
  readonly now: Values
  readonly before: Values | undefined
  readonly complete: boolean
}

const none = Object.create(null) as Values

/** `file`: parsed JSON. */
export function changesTo(
  state: DocumentState,
  file: unknown,
  { complete, base }: FileReading,
  view: View = viewOf(state),
): FileChanges {
  if (!isMap(file)) return { changes: [], malformed: 1 }
  const tally: Tally = { malformed: 0 }
  const { agents: _, tasks: __, router: ___, ...top } = file
  const before = isMap(base) ? base : undefined
  const part = (name: string): Told => {
    const now = Object.hasOwn(file, name) ? file[name] : undefined
    const fits = now === undefined || isMap(now)
    if (!fits) tally.malformed += 1
    // A part that cannot be read takes nothing out.
    return {
      now: fits ? (now ?? none) : none,
      before: mapIn(before, name),
      complete: complete && fits,
    }
  }
  const router = part('router')
  const parts = [
    registers(view, ['session'], { now: top, before, complete }, tally),
    agentRows(view, part('agents'), tally),
    taskFields(view, file, before, complete, tally),
    registers(view, ['router'], router, tally),
    orderChanges(view.root, ['router'], Object.keys(router.now), Object.keys(routerShape)),
    topOrder(view, { now: file, before, complete }),
  ]
  return { changes: parts.flat(), malformed: tally.malformed }
}

function mapIn(values: Values | undefined, name: string): Values | undefined {
  if (values === undefined) return undefined
  const value = Object.hasOwn(values, name) ? values[name] : undefined
  return isMap(value) ? value : none
}

/** Whether a name that the file does not have was taken out of it. */
const wasTaken = ({ now, before, complete }: Told, name: string): boolean =>
  complete && !Object.hasOwn(now, name) && (before === undefined || Object.hasOwn(before, name))

/** Whether whoever wrote the file said this, rather than left it as it was. */
const isSaid = ({ before }: Told, name: string, value: Value): boolean =>
  before === undefined || !Object.hasOwn(before, name) || !sameValue(before[name] ?? null, value)

/** Values that differ, each in its register. */
function registers(view: View, path: Path, told: Told, tally: Tally): readonly Change[] {
  const known = valuesBelow(view.root, path)
  const changes: Change[] = []
  for (const [name, value] of Object.entries(told.now)) {
    const at = [...path, name]
    if (!isPath(at) || !isCarried(name) || !isCarried(value)) tally.malformed += 1
    else if (isSaid(told, name, value) && !same(known.get(name), value)) {
      changes.push(setAt(at, value))
    }
  }
  for (const name of known.keys()) {
    if (wasTaken(told, name)) changes.push(unsetAt([...path, name]))
  }
  return changes
}

function agentRows(view: View, told: Told, tally: Tally): readonly Change[] {
  const known = new Map(unitedRows(view, 'agents').map(({ key, value }) => [key, value]))
  const changes: Change[] = []
  const names: string[] = []
  const row = (key: string, held: Held) =>
    changes.push({ kind: 'row', collection: 'agents', key, held })
  for (const [key, value] of Object.entries(told.now)) {
    if (!isId(key) || !isCarried(key) || !isMap(value) || !isCarried(value)) {
      tally.malformed += 1
      continue
    }
    names.push(key)
    if (!isSaid(told, key, value)) continue
    if (!same(known.get(key), value)) row(key, heldOf(value))
    const schema = Object.keys(agentShape)
    changes.push(...orderChanges(view.root, ['agents', key], Object.keys(value), schema))
  }
  for (const key of known.keys()) if (wasTaken(told, key)) row(key, { at: 'absent' })
  return [...changes, ...orderChanges(view.root, ['agents'], names)]
}

function taskFields(
  view: View,
  file: Values,
  before: Values | undefined,
  complete: boolean,
  tally: Tally,
): readonly Change[] {
  const { tasks } = file
  if (tasks !== undefined && !Array.isArray(tasks)) tally.malformed += 1
  const now = byId(tasks, tally)
  const { tasks: tasksBefore } = before ?? none
  const earlier = before && byId(tasksBefore)
  const changes: Change[] = []
  for (const [id, task] of now) {
    const told = { now: task, before: earlier && (earlier.get(id) ?? none), complete }
    changes.push(
      ...registers(view, ['tasks', id], told, tally),
      ...orderChanges(view.root, ['tasks', id], Object.keys(task), Object.keys(taskShape)),
    )
  }
  // A list that cannot be read takes nothing out.
  if (complete && (tasks === undefined || Array.isArray(tasks))) {
    for (const id of nodeAt(view.root, ['tasks'])?.below.keys() ?? []) {
      if (now.has(id) || earlier?.has(id) === false) continue
      const told = { now: none, before: undefined, complete }
      changes.push(...registers(view, ['tasks', id], told, tally))
    }
  }
  return [...changes, ...orderChanges(view.root, ['tasks'], [...now.keys()])]
}

/** In the order of the list. Of two with one id the first counts: both would be one. */
function byId(tasks: Value | undefined, tally?: Tally): ReadonlyMap<string, Values> {
  const out = new Map<string, Values>()
  for (const task of Array.isArray(tasks) ? (tasks as readonly Value[]) : []) {
    const { id } = isMap(task) ? task : none
    if (isMap(task) && isId(id) && isCarried(id) && !out.has(id)) out.set(id, task)
    else if (tally) tally.malformed += 1
  }
  return out
}

/** Also says which of the parts are there although they are empty: nothing else does. */
function topOrder({ root }: View, told: Told): readonly Change[] {
  const { now: file } = told
  const fits = (name: string) => {
    const part = file[name]
    return name === 'tasks' ? Array.isArray(part) : isMap(part)
  }
  const names = Object.keys(file).filter(
    (name) => isCarried(name) && (!partNames.includes(name) || fits(name)),
  )
  const changes = orderChanges(root, [], names, topNames)
  if (changes.length > 0) return changes
  const order = toldOrder(root, [])
  const unlike = partNames.some((name) => {
    const listed = Array.isArray(order) && order.includes(name)
    const there = names.includes(name)
    const empty = !there || Object.keys(file[name] as object).length === 0
    return empty && listed !== there && (there || wasTaken(told, name))
  })
  return unlike ? [setAt(orderPath([]), names)] : []
}

const partNames = ['agents', 'tasks', 'router']

const same = (known: Value | undefined, value: Value): boolean =>
  known !== undefined && sameValue(known, value)
