/**
 * How each interface mode shows itself (rules AG5, AG6): its defaults, below what was brought along
 * from the mode before it, below what a person chose there.
 */
import { type Node, nodeAt, valueAt, valuesBelow } from '../../conflict/view.ts'
import type { Value } from '../../encoding/msgpack.ts'
import type { Path } from '../document-entries.ts'
import { isMap, readFields, type Tally, type Values } from '../fields.ts'
import { type InterfaceMode, interfaceModes, type UiState, uiShape } from './schema.ts'

export const chosenAt = (mode: InterfaceMode, key: string): Path => ['ui', mode, key]
export const carriedAt = (mode: InterfaceMode): Path => ['modes', 'carried', mode]

const none = Object.create(null) as Values

const base: UiState = {
  activePanel: 'chat',
  sidebarOpen: false,
  theme: 'dark',
  fontSize: 14,
  layout: 'standard',
  extra: none,
}

/** What a mode shows before anything was said. */
export function createDefaultUIState(mode: InterfaceMode): UiState {
  switch (mode) {
    case 'popup':
      return { ...base, layout: 'compact', sidebarOpen: false, fontSize: 12 }
    case 'sidepanel':
      return { ...base, layout: 'sidebar', sidebarOpen: true }
    case 'mobile':
      return { ...base, layout: 'mobile', fontSize: 16 }
    default:
      return base
  }
}

/** What a mode takes over from the one before it: everything but what its place does not allow. */
export function adaptUIStateForMode(current: UiState, to: InterfaceMode): UiState {
  switch (to) {
    case 'popup':
      return { ...current, layout: 'compact', sidebarOpen: false }
    case 'sidepanel':
      return { ...current, layout: 'sidebar', sidebarOpen: true }
    case 'mobile':
      return { ...current, layout: 'mobile' }
    case 'desktop':
      return { ...current, layout: 'full' }
    default:
      return current
  }
}

/** As one map, the way it is carried. */
export function uiValues({ extra, ...known }: UiState): Values {
  const out: Record<string, Value> = Object.create(null)
  for (const [key, value] of [...Object.entries(extra), ...Object.entries(known)]) out[key] = value
  return out
}

export function readUi(root: Node, tally: Tally): Record<InterfaceMode, UiState> {
  for (const mode of nodeAt(root, ['ui'])?.below.keys() ?? []) {
    if (!interfaceModes.some((known) => known === mode)) tally.malformed += 1
  }
  const of = (mode: InterfaceMode): UiState => {
    const told = valueAt(root, carriedAt(mode))
    if (told !== undefined && !isMap(told)) tally.malformed += 1
    const carried = readFields(uiShape, isMap(told) ? Object.entries(told) : [], tally)
    const chosen = readFields(uiShape, valuesBelow(root, ['ui', mode]), tally)
    const extra = Object.assign(Object.create(null) as Values, carried.extra, chosen.extra)
    return { ...createDefaultUIState(mode), ...carried.known, ...chosen.known, extra }
  }
  return {
    popup: of('popup'),
    tab: of('tab'),
    sidepanel: of('sidepanel'),
    mobile: of('mobile'),
    desktop: of('desktop'),
    headless: of('headless'),
  }
}
