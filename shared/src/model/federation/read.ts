/** Reads a federation's status out of its document, and writes it as the file (rules FD1 to FD4). */
import type { DocumentState } from '../../conflict/document.ts'
import {
  type Node,
  nodeAt,
  unitedRows,
  type View,
  valuesBelow,
  viewOf,
} from '../../conflict/view.ts'
import type { Value } from '../../encoding/msgpack.ts'
import { readFields, readMap, type Tally, type Values } from '../fields.ts'
import { inOrder, toldOrder } from './order.ts'
import {
  agentShape,
  type FederationAgent,
  type FederationSession,
  type FederationTask,
  routerShape,
  sessionShape,
  taskShape,
  topNames,
} from './schema.ts'

export function readFederation(
  state: DocumentState,
  view: View = viewOf(state),
): FederationSession {
  const { root } = view
  const tally: Tally = { malformed: 0 }
  const top = readFields(sessionShape, valuesBelow(root, ['session']), tally)
  const router = readFields(routerShape, valuesBelow(root, ['router']), tally)
  return {
    ...top.known,
    extra: top.extra,
    agents: readAgents(view, tally),
    tasks: readTasks(root, tally),
    router: { ...router.known, extra: router.extra },
    malformed: tally.malformed,
  }
}

function readAgents(view: View, tally: Tally): ReadonlyMap<string, FederationAgent> {
  const rows = new Map(unitedRows(view, 'agents').map(({ key, value }) => [key, value]))
  const agents = new Map<string, FederationAgent>()
  for (const name of inOrder(rows.keys(), toldOrder(view.root, ['agents']))) {
    const read = readMap(agentShape, rows.get(name) as Value, tally)
    if (read) agents.set(name, { ...read.known, extra: read.extra })
  }
  return agents
}

/** A task whose fields were all taken away is none. */
function readTasks(root: Node, tally: Tally): readonly FederationTask[] {
  const tasks: FederationTask[] = []
  const ids = nodeAt(root, ['tasks'])?.below.keys() ?? []
  for (const id of inOrder(ids, toldOrder(root, ['tasks']))) {
    const fields = valuesBelow(root, ['tasks', id])
    if (fields.size === 0) continue
    const { known, extra } = readFields(taskShape, fields, tally)
    // The path names it, whatever the field says.
    tasks.push({ ...known, id, extra })
  }
  return tasks
}

/**
 * The whole file as JSON takes it: maps without a prototype; of agents, tasks and router an empty one
 * is left out unless the file had it.
 */
export function federationFile(state: DocumentState, view: View = viewOf(state)): Values {
  const { root } = view
  const { extra, agents, tasks, router, malformed: _, ...known } = readFederation(state, view)
  const level = (fields: object, more: Values, names: readonly string[], path: readonly string[]) =>
    ordered(new Map([...Object.entries(more), ...Object.entries(fields)]), root, path, names)
  const parts = new Map<string, Value>([...Object.entries(extra), ...Object.entries(known)])
  const told = toldOrder(root, [])
  const listed = (name: string, size: number): boolean =>
    size > 0 || (Array.isArray(told) && told.includes(name))
  if (listed('agents', agents.size)) {
    const all = [...agents].map(([name, { extra: more, ...fields }]): [string, Value] => [
      name,
      level(fields, more, Object.keys(agentShape), ['agents', name]),
    ])
    parts.set('agents', ordered(new Map(all), root, ['agents']))
  }
  if (listed('tasks', tasks.length)) {
    const all = tasks.map(({ extra: more, ...fields }) =>
      level(fields, more, Object.keys(taskShape), ['tasks', fields.id]),
    )
    parts.set('tasks', all)
  }
  const { extra: more, ...fields } = router
  if (listed('router', Object.keys(fields).length + Object.keys(more).length)) {
    parts.set('router', level(fields, more, Object.keys(routerShape), ['router']))
  }
  return ordered(parts, root, [], topNames)
}

function ordered(
  values: ReadonlyMap<string, Value>,
  root: Node,
  level: readonly string[],
  schema: readonly string[] = [],
): Values {
  const out: Record<string, Value> = Object.create(null)
  for (const name of inOrder(values.keys(), toldOrder(root, level), schema)) {
    out[name] = values.get(name) as Value
  }
  return out
}
