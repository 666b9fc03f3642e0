/** A session that Baton drives as what a person reads, grown by what is told of it (rule WA1). */
import type { LiveEvent, ShownRecord } from '../../core/mesh-api.ts'
import type { Item } from './items.ts'

export interface LiveItems {
  readonly list: readonly Item[]
  add(event: LiveEvent): void
}

const file = 'history'
const kinds: Readonly<Record<string, ShownRecord['kind']>> = {
  user: 'user',
  assistant: 'assistant',
  thought: 'system',
  system: 'system',
}

export function createLiveItems(): LiveItems {
  const list: Item[] = []
  const places = new Map<string, number>()

  /** What was told before under the same id is told again: it keeps its place. */
  function put(id: string, item: Item): void {
    const place = places.get(id) ?? list.length
    places.set(id, place)
    list[place] = item
  }

  function grow(id: string, change: (record: ShownRecord) => ShownRecord): void {
    const place = places.get(id)
    const item = place === undefined ? undefined : list[place]
    if (place !== undefined && item?.at === 'said') {
      list[place] = { ...item, record: change(item.record) }
    }
  }

  return {
    list,
    add(event) {
      switch (event.at) {
        case 'message': {
          const { id, role, time, text, state, flaw } = event
          const at = new Date(time).toISOString()
          const record = { file, index: list.length, kind: kinds[role] ?? 'other', at, text }
          put(id, { at: 'said', record: { ...record, bytes: 0, ...told(state, flaw) } })
          return
        }
        case 'text':
          return grow(event.id, (record) => ({ ...record, text: record.text + event.text }))
        case 'ended': {
          const { id, state, flaw } = event
          return grow(id, ({ state: _, ...record }) => ({ ...record, ...told(state, flaw) }))
        }
        case 'call': {
          const { call, name, input, output, status } = event
          const text = input === undefined ? name : `${name} ${input}`
          const base = { file, index: list.length, at: undefined, bytes: 0 }
          const results: ShownRecord[] =
            output === undefined ? [] : [{ ...base, kind: 'result', text: output }]
          put(`call ${call}`, {
            at: 'call',
            record: { ...base, kind: 'tool', text, state: status },
            results,
          })
          return
        }
        default:
      }
    },
  }
}

/** Of a whole and sound message there is nothing to tell. */
function told(state: string, flaw: string | undefined): { readonly state?: string } {
  if (state !== 'whole') return { state }
  return flaw === undefined ? {} : { state: flaw }
}
