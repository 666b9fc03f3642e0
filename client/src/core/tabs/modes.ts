/**
 * How a session is shown in each interface mode (rule WB34), out of the fields of its document and by
 * the model of agent sessions (rules AG5, AG6). A mode that the session was not in yet shows what a
 * switch there would bring, before anything is written.
 */
import type { Value } from '@baton/shared/encoding/msgpack'
import { setUi, switchMode } from '@baton/shared/model/agent/changes'
import {
  type InterfaceMode,
  interfaceModes,
  modeField,
  type UiState,
  uiShape,
} from '@baton/shared/model/agent/schema'
import { adaptUIStateForMode, createDefaultUIState } from '@baton/shared/model/agent/ui'
import type { Change } from '@baton/shared/model/changes'
import { isMap, readFields, take } from '@baton/shared/model/fields'
import type { Document } from '../mesh-api.ts'

type Entries = readonly (readonly [path: readonly string[], Value])[]
type Modes = Parameters<typeof switchMode>[0]

/** `seen`: the fields below `modes` and `ui`. */
export function modesOf(seen: Entries): Modes & { shown(mode: InterfaceMode): UiState } {
  const tally = { malformed: 0 }
  const at = (...path: readonly string[]) =>
    seen.find(
      ([each]) => each.length === path.length && path.every((part, i) => each[i] === part),
    )?.[1]
  const active = take(modeField, at('modes', 'active'), tally) ?? 'tab'
  const available = interfaceModes.filter(
    (mode) => mode === active || at('modes', 'available', mode) === true,
  )
  const chosenIn = (mode: InterfaceMode) =>
    readFields(
      uiShape,
      seen.flatMap(([path, value]) =>
        path.length === 3 && path[0] === 'ui' && path[1] === mode ? [[path[2] ?? '', value]] : [],
      ),
      tally,
    ).known
  const own = (mode: InterfaceMode): UiState => {
    const told = at('modes', 'carried', mode)
    const { known } = readFields(uiShape, isMap(told) ? Object.entries(told) : [], tally)
    return { ...createDefaultUIState(mode), ...known, ...chosenIn(mode) }
  }
  const ui = Object.fromEntries(interfaceModes.map((mode) => [mode, own(mode)]))
  return {
    modes: { active, available },
    volatile: { ui } as Modes['volatile'],
    shown: (mode) =>
      available.includes(mode)
        ? own(mode)
        : { ...adaptUIStateForMode(own(active), mode), ...chosenIn(mode) },
  }
}

export async function readModes(document: Pick<Document, 'entries'>) {
  const both = await Promise.all([document.entries(['modes']), document.entries(['ui'])])
  return modesOf(both.flat())
}

/** The session goes on in that mode; nothing where it is there already. */
export function entering(seen: Modes, mode: InterfaceMode, now: number): readonly Change[] {
  return seen.modes.active === mode ? [] : switchMode(seen, mode, now)
}

/** What a person chose there; throws `invalid` for a value that its name does not take. */
export const choosing = (
  seen: Modes,
  mode: InterfaceMode,
  [name, value]: readonly [string, Value],
  now: number,
): readonly Change[] => [...entering(seen, mode, now), ...setUi(mode, name, value)]
