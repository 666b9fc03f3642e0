/**
 * A transcript as what a person reads: messages, calls of tools with what came of them folded in, and a
 * heading where another file begins. Bookkeeping is left out unless asked for.
 */
import type { ShownRecord } from '../../core/mesh-api.ts'

export type Item =
  | { readonly at: 'file'; readonly file: string }
  | { readonly at: 'said'; readonly record: ShownRecord }
  | {
      readonly at: 'call'
      readonly record: ShownRecord
      readonly results: readonly ShownRecord[]
    }

export interface Items {
  readonly list: readonly Item[]
  /** Records of bookkeeping that are not shown. */
  readonly hidden: number
  add(record: ShownRecord): void
}

const mainFile = 'transcript.jsonl'

export function createItems(all: boolean): Items {
  const list: Item[] = []
  /** Calls whose result is still to come, by their place in the list. */
  let open: number[] = []
  let file = mainFile
  let hidden = 0
  return {
    list,
    get hidden() {
      return hidden
    },
    add(record) {
      if (record.kind === 'other' && !all) {
        hidden += 1
        return
      }
      if (record.file !== file) {
        file = record.file
        open = []
        list.push({ at: 'file', file })
      }
      if (record.kind === 'tool') {
        open.push(list.length)
        list.push({ at: 'call', record, results: [] })
        return
      }
      const place = record.kind === 'result' ? open.shift() : undefined
      const call = place === undefined ? undefined : list[place]
      if (place !== undefined && call?.at === 'call') {
        list[place] = { ...call, results: [...call.results, record] }
        return
      }
      if (record.kind !== 'result') open = []
      list.push({ at: 'said', record })
    },
  }
}
